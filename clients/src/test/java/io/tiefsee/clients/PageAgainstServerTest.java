package io.tiefsee.clients;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import io.tiefsee.server.ModelSource;
import io.tiefsee.server.Server;
import io.tiefsee.server.ServerOptions;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The page, the server and the model that comes along, from the question to the answer. */
class PageAgainstServerTest {
  private static final Path ROOT = Path.of(System.getProperty("tiefsee.root", ".."));

  @RegisterExtension final BrowserExtension browsers = new BrowserExtension();

  @Test
  void theEmbeddedModelThinksAndAnswers() {
    PlaywrightAssertions.setDefaultAssertionTimeout(60_000);
    ServerOptions options = ServerOptions.DEFAULTS.with("port", 0).with("threads", 1);
    ModelSource model =
        new ModelSource("embedded", ROOT.resolve("models/embedded/tiefsee-embedded.gguf"));
    try (Server server = Server.start(options, List.of(model));
        BrowserContext context =
            browsers
                .browser()
                .newContext(
                    new com.microsoft.playwright.Browser.NewContextOptions().setLocale("en-GB"))) {
      Page page = context.newPage();
      page.navigate("http://127.0.0.1:" + server.port() + "/");
      page.locator("#question").fill("What is 48 + 37?");
      page.locator("#question").press("Enter");
      assertThat(page.locator(".message.assistant")).hasAttribute("data-status", "done");
      assertThat(page.locator(".message.assistant .answer")).containsText("85");
      page.locator(".thinking summary").click();
      assertThat(page.locator(".thoughts")).not().isEmpty();
      assertThat(page.locator(".price-line")).containsText("answer tokens");
      assertThat(page.locator(".composer select option").first()).containsText("embedded (loaded");
    }
  }
}
