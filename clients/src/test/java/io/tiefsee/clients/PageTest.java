package io.tiefsee.clients;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ReducedMotion;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * What tests of the page share: a scripted server, a browser context of their own, and the checks
 * that hold for every test: no error on the page, no request to another origin, no request that the
 * server does not know.
 */
abstract class PageTest {
  /** Generous: the machine may have other things to do. */
  private static final double TIMEOUT = 120_000;

  @RegisterExtension final BrowserExtension browsers = new BrowserExtension();

  final ScriptedFront front = new ScriptedFront();
  final List<String> problems = new CopyOnWriteArrayList<>();
  final List<String> requested = new CopyOnWriteArrayList<>();
  BrowserContext context;
  Page page;

  @BeforeEach
  void openContext() {
    PlaywrightAssertions.setDefaultAssertionTimeout(TIMEOUT);
    context = browsers.browser().newContext(options());
    context.setDefaultTimeout(TIMEOUT);
    page = newTab();
  }

  /** A desktop window, in English, without animations. */
  Browser.NewContextOptions options() {
    return new Browser.NewContextOptions()
        .setLocale("en-GB")
        .setViewportSize(1280, 850)
        .setReducedMotion(ReducedMotion.REDUCE);
  }

  /** Another tab of the same browser profile. */
  Page newTab() {
    Page tab = context.newPage();
    tab.onPageError(problems::add);
    tab.onConsoleMessage(message -> {
      // The browser itself reports refused connections and error answers; tests provoke both.
      if (message.type().equals("error") && !message.text().startsWith("Failed to load")) {
        problems.add(message.text());
      }
    });
    tab.onRequest(request -> requested.add(request.url()));
    return tab;
  }

  @AfterEach
  void closeContext() {
    if (context != null) {
      context.close();
    }
    front.close();
    assertThat(problems).as("errors on the page").isEmpty();
    assertThat(requested).as("requests").allMatch(this::ofThisOrigin);
  }

  private boolean ofThisOrigin(String url) {
    return url.startsWith(front.url()) || url.startsWith("blob:" + front.url());
  }

  void open() {
    open("");
  }

  void open(String hash) {
    page.navigate(front.url() + hash);
    assertThat(page.locator(".bar")).isVisible();
  }

  Locator question() {
    return page.getByLabel("Your question");
  }

  /** Asks, and waits until the place for the answer is there. */
  void ask(String text) {
    int answers = page.locator(".message.assistant").count();
    question().fill(text);
    question().press("Enter");
    assertThat(page.locator(".message.assistant")).hasCount(answers + 1);
  }

  /** The answer at a place, the first being 0; -1 is the last. */
  Locator answer(int index) {
    Locator all = page.locator(".message.assistant");
    return index < 0 ? all.last() : all.nth(index);
  }

  /** Waits until the last answer is complete. */
  Locator completeAnswer() {
    assertThat(answer(-1)).hasAttribute("aria-busy", "false");
    assertThat(button("Send")).isVisible();
    return answer(-1);
  }

  Locator button(String name) {
    return page.getByRole(
        AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
  }
}
