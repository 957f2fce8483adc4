package io.tiefsee.clients;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.ReducedMotion;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/**
 * Makes the pictures of the page that the documentation shows. Not a test; run it by hand, with the
 * folder for the pictures.
 */
final class PagePictures {
  private final ScriptedFront front;
  private final Page page;
  private final Path folder;
  private final String suffix;

  private PagePictures(ScriptedFront front, Page page, Path folder, String suffix) {
    this.front = front;
    this.page = page;
    this.folder = folder;
    this.suffix = suffix;
  }

  public static void main(String[] args) {
    Path folder = Path.of(args[0]);
    Path program = BrowserExtension.find().orElseThrow();
    try (BrowserExtension.Shared shared = new BrowserExtension.Shared(program)) {
      take(shared.browser, folder, "light", ColorScheme.LIGHT, 1280, 1000);
      take(shared.browser, folder, "dark", ColorScheme.DARK, 1280, 1000);
      take(shared.browser, folder, "phone", ColorScheme.LIGHT, 390, 844);
    }
  }

  private static void take(
      Browser browser, Path folder, String suffix, ColorScheme colours, int width, int height) {
    try (ScriptedFront front = Examples.furnished();
        BrowserContext context =
            browser.newContext(
                new Browser.NewContextOptions()
                    .setLocale("en-GB")
                    .setColorScheme(colours)
                    .setReducedMotion(ReducedMotion.REDUCE)
                    .setViewportSize(width, height))) {
      PagePictures pictures = new PagePictures(front, context.newPage(), folder, suffix);
      pictures.chat();
      pictures.compare();
      pictures.view("monitor", ".card");
      pictures.view("training", ".sample");
    }
  }

  private void chat() {
    page.navigate(front.url());
    page.getByLabel("Your question").waitFor();
    picture("welcome");
    front.then(Examples.VOTE);
    page.locator("#question").fill("What is 48 + 37?");
    page.keyboard().press("Alt+m");
    page.locator("#samples").fill("5");
    page.locator(".arena-fold summary").first().click();
    page.locator(".arena svg").waitFor();
    picture("compute");
    page.keyboard().press("Escape");
    page.locator("#question").press("Enter");
    page.locator(".vote-columns").waitFor();
    picture("votes");
    page.keyboard().press("Alt+m");
    page.locator("#samples").fill("0");
    page.keyboard().press("Escape");
    CountDownLatch answers = new CountDownLatch(1);
    front.then(Examples.rich(answers));
    page.keyboard().press("Alt+n");
    page.locator("#question").fill(Examples.QUESTION);
    page.locator("#question").press("Enter");
    page.locator(".thoughts").getByText("Check:").waitFor();
    picture("thinking");
    answers.countDown();
    page.locator(".price-line").waitFor();
    page.locator(".answer .katex").first().waitFor();
    page.locator(".hljs-keyword").first().waitFor();
    picture("chat");
    page.locator(".price-line").click();
    picture("receipt");
    page.keyboard().press("Escape");
    page.keyboard().press("Alt+s");
    picture("settings");
    page.keyboard().press("Escape");
  }

  private void compare() {
    front.then(Examples.RICH).then(Examples.RICH);
    page.navigate(front.url() + "#/compare");
    page.getByLabel("Question to all").fill(Examples.QUESTION);
    page.getByLabel("Question to all").press("Enter");
    page.locator("table.summary").waitFor();
    page.locator(".answer .katex").first().waitFor();
    picture("compare");
  }

  private void view(String name, String last) {
    page.navigate(front.url() + "#/" + name);
    page.locator(last).first().waitFor();
    page.locator(".chart canvas").first().waitFor();
    page.waitForTimeout(name.equals("monitor") ? 6000 : 500);
    picture(name);
  }

  private void picture(String name) {
    page.waitForTimeout(300);
    page.screenshot(
        new Page.ScreenshotOptions().setPath(folder.resolve(name + "-" + suffix + ".png")));
  }
}
