package io.tiefsee.clients;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.ReducedMotion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** For everybody: a checker of accessibility, the keyboard alone, narrow windows, German. */
class PageAccessTest extends PageTest {
  private static final String AXE = axe();

  private static String axe() {
    try (InputStream in = PageAccessTest.class.getResourceAsStream("axe.min.js")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  Browser.NewContextOptions options() {
    // The checker is put into the page from outside, which the page's own policy forbids.
    return super.options().setBypassCSP(true);
  }

  /** What a checker finds in the page as it is now, serious or worse. */
  private void assertNothingSerious(String where) {
    page.evaluate(AXE);
    Object found =
        page.evaluate(
            """
            async () => (await axe.run(document, {resultTypes: ['violations']})).violations
              .filter((v) => ['serious', 'critical'].includes(v.impact))
              .map((v) => v.id + ': ' + v.nodes.map((n) => n.html.slice(0, 120)
                + ' ' + (n.any[0]?.message ?? '')).slice(0, 3).join(' | '))
            """);
    assertThat((List<?>) found).as(where).isEmpty();
  }

  private void bothThemes(String where) {
    for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
      page.emulateMedia(
          new Page.EmulateMediaOptions()
              .setColorScheme(scheme)
              .setReducedMotion(ReducedMotion.REDUCE));
      assertNothingSerious(where + ", " + scheme);
    }
  }

  @Test
  void theCheckerFindsWhatIsWrong() {
    open();
    page.evaluate("document.getElementById('main').innerHTML = '<button></button><input>'");
    page.evaluate(AXE);
    Object count =
        page.evaluate(
            "async () => (await axe.run(document.getElementById('main'))).violations.length");
    assertThat((Integer) count).isPositive();
  }

  @Test
  void theChatIsAccessible() {
    Examples.furnish(front).then(Examples.RICH).then(Examples.VOTE);
    open();
    bothThemes("empty chat");
    ask(Examples.QUESTION);
    completeAnswer().locator(".thinking summary").click();
    assertThat(answer(0).locator(".hljs-keyword").first()).isVisible();
    bothThemes("answer");
    page.keyboard().press("Alt+m");
    page.locator(".arena-fold > summary").click();
    assertThat(page.locator(".arena svg")).isVisible();
    bothThemes("more compute");
    page.keyboard().press("Alt+m");
    ask("Vote");
    completeAnswer();
    front.then((out, r) -> out.whole(500, ScriptedFront.error("broken", "x")));
    ask("Fail");
    assertThat(completeAnswer().locator(".error")).isVisible();
    bothThemes("votes and error");
  }

  @Test
  void theDialogsAreAccessible() {
    Examples.furnish(front);
    open();
    ask("Hello");
    completeAnswer().locator(".price-line").click();
    bothThemes("receipt");
    page.keyboard().press("Escape");
    page.keyboard().press("Alt+s");
    bothThemes("settings");
    page.keyboard().press("Escape");
    page.locator("h1").click();
    page.keyboard().press("?");
    bothThemes("shortcuts");
    page.keyboard().press("Escape");
    button("Actions for “Hello”").click();
    bothThemes("actions");
  }

  @Test
  void theOtherViewsAreAccessible() {
    Examples.furnish(front);
    open("#/monitor");
    assertThat(page.locator(".card")).hasCount(2);
    bothThemes("monitor");
    open("#/training");
    assertThat(page.locator(".chart").first()).isVisible();
    bothThemes("training");
    open("#/compare");
    page.getByLabel("Question to all").fill("Hello");
    page.getByLabel("Question to all").press("Enter");
    assertThat(page.locator("table.summary")).isVisible();
    bothThemes("side by side");
  }

  @Test
  void theKeyboardIsEnough() {
    open();
    page.keyboard().type("What is 1 + 1?");
    page.keyboard().press("Enter");
    completeAnswer();
    page.keyboard().press("Alt+t");
    assertThat(answer(0).locator(".thoughts")).isVisible();
    page.keyboard().press("Alt+r");
    assertThat(answer(0)).containsText("2 of 2");
    completeAnswer();
    page.keyboard().press("Alt+e");
    page.keyboard().type(" Really?");
    page.keyboard().press("Enter");
    assertThat(completeAnswer().locator(".answer")).hasText("You asked: What is 1 + 1? Really?");
    // Every control is reached by Tab, and shows that it is.
    page.keyboard().press("Alt+n");
    page.locator(".skip").focus();
    boolean reachedSend = false;
    for (int i = 0; i < 60 && !reachedSend; i++) {
      page.keyboard().press("Tab");
      reachedSend = (Boolean) page.evaluate("document.activeElement.classList.contains('send')");
      assertThat(
              (Boolean)
                  page.evaluate(
                      "document.activeElement === document.body || document.activeElement.matches(':focus-visible')"))
          .isTrue();
    }
    assertThat(reachedSend).as("the button that sends is reached by Tab").isTrue();
    page.keyboard().press("Alt+3");
    assertThat(page.locator("#title")).hasText("Monitor");
    page.keyboard().press("Alt+1");
    page.keyboard().press("Escape");
    page.locator("h1").first().click();
    page.keyboard().press("?");
    assertThat(page.locator("dialog")).containsText("Keyboard shortcuts");
    page.keyboard().press("Escape");
    assertThat(page.locator("dialog")).hasCount(0);
    page.keyboard().press("/");
    assertThat(question()).isFocused();
  }

  @Test
  void aPhoneShowsEverythingWithoutScrollingSideways() {
    Examples.furnish(front).then(Examples.RICH);
    page.setViewportSize(360, 740);
    open();
    ask(Examples.QUESTION);
    completeAnswer();
    assertFits("chat");
    assertThat(button("Send")).isInViewport();
    page.getByLabel("Open or close the list of conversations").click();
    assertThat(page.locator(".conversations li")).isVisible();
    assertFits("list");
    page.keyboard().press("Escape");
    assertThat(page.locator(".sidebar")).isHidden();
    for (Map.Entry<String, String> view :
        Map.of("compare", ".lane", "monitor", ".card", "training", ".chart").entrySet()) {
      open("#/" + view.getKey());
      assertThat(page.locator(view.getValue()).first()).isVisible();
      assertFits(view.getKey());
    }
  }

  private void assertFits(String where) {
    String wide =
        """
        [...document.querySelectorAll('#app *, dialog *')]
          .filter((e) => e.getBoundingClientRect().right > innerWidth + 1
            && !e.closest('.table-box, pre, .math, .vote-columns, svg, .off-screen, .plot'))
          .map((e) => e.outerHTML.slice(0, 100))\
        """;
    assertThat((List<?>) page.evaluate(wide)).as(where).isEmpty();
    assertThat((Boolean) page.evaluate("document.documentElement.scrollWidth <= innerWidth"))
        .as(where)
        .isTrue();
  }

  @Test
  void germanReadersGetGerman() {
    open();
    page.keyboard().press("Alt+s");
    page.getByLabel("Language").selectOption("de");
    assertThat(page.locator("html")).hasAttribute("lang", "de");
    assertThat(page.locator("#question")).hasAttribute("placeholder", "Frag etwas");
    page.locator("#question").fill("Hallo");
    page.locator("#question").press("Enter");
    Locator line = page.locator(".price-line");
    assertThat(line).containsText("11,7 J (geschätzt)");
    assertThat(line).containsText("0,0000043 €");
  }

  @Test
  void bothLanguagesHaveTheSameTexts() {
    open();
    Object different =
        page.evaluate(
            """
            async () => {
              const en = (await import('./page/js/i18n/en.js')).default;
              const de = (await import('./page/js/i18n/de.js')).default;
              const holes = (text) => (text?.match(/\\{\\w+\\}/g) ?? []).sort().join();
              return [...new Set([...Object.keys(en), ...Object.keys(de)])]
                .filter((key) => !en[key] || !de[key] || holes(en[key]) !== holes(de[key]));
            }\
            """);
    assertThat((List<?>) different).isEmpty();
  }

  @Test
  void aChosenThemeWinsOverTheSystems() {
    open();
    page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.LIGHT));
    page.keyboard().press("Alt+s");
    page.getByLabel("Colours").selectOption("dark");
    page.keyboard().press("Escape");
    assertThat(page.locator("body")).hasCSS("background-color", "rgb(10, 19, 27)");
    page.reload();
    assertThat(page.locator("body")).hasCSS("background-color", "rgb(10, 19, 27)");
  }
}
