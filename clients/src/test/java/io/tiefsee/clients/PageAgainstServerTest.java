package io.tiefsee.clients;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.AriaRole;
import io.tiefsee.server.ModelSource;
import io.tiefsee.server.Server;
import io.tiefsee.server.ServerOptions;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The page, the server and the model that comes along: what the parts say to each other fits. */
class PageAgainstServerTest {
  private static final Path ROOT = Path.of(System.getProperty("tiefsee.root", ".."));

  @RegisterExtension final BrowserExtension browsers = new BrowserExtension();

  private Server server;
  private BrowserContext context;
  private Page page;

  @BeforeEach
  void start() {
    PlaywrightAssertions.setDefaultAssertionTimeout(120_000);
    ServerOptions options = ServerOptions.DEFAULTS.with("port", 0).with("threads", 1);
    ModelSource model =
        new ModelSource("embedded", ROOT.resolve("models/embedded/tiefsee-embedded.gguf"));
    server = Server.start(options, List.of(model));
    context = browsers.browser().newContext(new Browser.NewContextOptions().setLocale("en-GB"));
    context.setDefaultTimeout(120_000);
    page = context.newPage();
    page.navigate("http://127.0.0.1:" + server.port() + "/");
  }

  @AfterEach
  void stop() {
    if (context != null) {
      context.close();
    }
    if (server != null) {
      server.close();
    }
  }

  private Locator ask(String question) {
    int answers = page.locator(".message.assistant").count();
    page.locator("#question").fill(question);
    page.locator("#question").press("Enter");
    Locator answer = page.locator(".message.assistant").nth(answers);
    assertThat(answer).hasAttribute("data-status", "done");
    return answer;
  }

  @Test
  void theModelThinksAnswersAndTellsThePrice() {
    Locator answer = ask("What is 48 + 37?");
    assertThat(answer.locator(".answer")).containsText("85");
    answer.locator(".thinking summary").click();
    assertThat(answer.locator(".thoughts")).not().isEmpty();
    assertThat(answer.locator(".price-line")).containsText("J (");
    assertThat(answer.locator(".price-line strong")).containsText("€");
    answer.locator(".price-line").click();
    assertThat(page.getByRole(AriaRole.DIALOG)).containsText("Wear of the machine");
    page.keyboard().press("Escape");
    page.keyboard().press("Alt+3");
    assertThat(page.locator(".card h3")).containsText("embedded loaded");
    assertThat(page.locator(".tiles")).containsText("0 / 16");
    assertThat(page.locator(".card")).containsText("found");
  }

  @Test
  void samplesVote() {
    page.keyboard().press("Alt+m");
    page.getByLabel("Samples").fill("3");
    page.keyboard().press("Escape");
    Locator answer = ask("What is 48 + 37?");
    assertThat(answer.locator(".vote-columns > .winner").first()).containsText("85");
    assertThat(answer.locator(".votes h4")).hasText("4 answers and their votes");
    assertThat(answer.locator(".price-line strong")).containsText("€");
  }

  @Test
  void aBudgetEndsTheThinking() {
    page.keyboard().press("Alt+m");
    page.locator("#compute-kind").selectOption("tokens");
    page.locator("#compute-budget").fill("0");
    page.keyboard().press("Escape");
    Locator answer = ask("Use the numbers 3, 5 and 7 once each to reach 26.");
    assertThat(answer).containsText("The budget ended the thinking.");
    assertThat(answer.locator(".thinking summary")).containsText("tokens");
  }
}
