package io.tiefsee.clients;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * How quickly the page is there, and whether it stays responsive. Figures are printed; machines
 * differ.
 */
class PageSpeedTest extends PageTest {
  @Test
  void thePageIsThereQuicklyAndSmall() {
    open();
    assertThat(page.locator(".composer select option").first())
        .hasText("embedded (loaded, 2.1 MB)");
    Object paint =
        page.evaluate(
            """
            () => new Promise((resolve) => {
              const found = () => performance.getEntriesByName('first-contentful-paint')[0];
              const look = () => (found() ? resolve(found().startTime) : setTimeout(look, 20));
              look();
            })\
            """);
    Object bytes =
        page.evaluate(
            """
            performance.getEntriesByType('resource')
              .filter((e) => !e.name.includes('.woff2'))
              .reduce((sum, e) => sum + e.decodedBodySize, 0)\
            """);
    System.out.printf(
        "page: first contentful paint after %.0f ms, %d bytes%n",
        ((Number) paint).doubleValue(), ((Number) bytes).longValue());
    assertThat(((Number) bytes).longValue()).isBetween(50_000L, 1_500_000L);
    assertThat(((Number) paint).doubleValue()).isBetween(0.0, 10_000.0);
  }

  @Test
  void sixtyTokensASecondLeaveThePageResponsive() {
    int tokens = 240;
    front.then((out, request) -> {
      long began = System.nanoTime();
      for (int i = 0; i < tokens; i++) {
        long due = began + i * 1_000_000_000L / 60;
        java.util.concurrent.locks.LockSupport.parkNanos(due - System.nanoTime());
        out.text(i % 12 == 11 ? "$x_" + i + "$.\n\n" : "word" + i + " ");
      }
      out.finish("stop").done();
    });
    open();
    page.evaluate(
        """
        () => {
          window.tasks = [];
          new PerformanceObserver((list) => tasks.push(...list.getEntries().map((e) => e.duration)))
            .observe({type: 'longtask', buffered: false});
        }\
        """);
    ask("Stream");
    assertThat(completeAnswer().locator(".answer")).containsText("word" + (tokens - 2));
    assertThat(answer(0).locator(".answer > p")).hasCount(tokens / 12);
    @SuppressWarnings("unchecked")
    Map<String, Number> tasks =
        (Map<String, Number>)
            page.evaluate(
                "() => ({count: tasks.length, sum: Math.round(tasks.reduce((a, b) => a + b, 0))})");
    System.out.printf(
        "page: %d tokens at 60 a second, %d tasks of more than 50 ms, %d ms together%n",
        tokens, tasks.get("count").intValue(), tasks.get("sum").intValue());
    assertThat(tasks.get("sum").doubleValue()).as("ms in long tasks").isLessThan(20_000);
  }
}
