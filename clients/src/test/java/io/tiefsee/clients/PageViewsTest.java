package io.tiefsee.clients;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** More compute, side by side, the monitor, the curves of training, the list of models. */
class PageViewsTest extends PageTest {
  @BeforeEach
  void furnish() {
    Examples.furnish(front);
  }

  @Test
  void samplesVoteInColumns() {
    front.then(Examples.VOTE);
    open();
    page.keyboard().press("Alt+m");
    page.getByLabel("Samples").fill("5");
    page.locator("#compute-kind").selectOption("tokens");
    page.locator("#compute-budget").fill("3");
    page.keyboard().press("Escape");
    assertThat(page.locator(".chip").last()).hasText("8 × · 256 tokens");
    ask("What is 48 + 37?");
    Locator columns = completeAnswer().locator(".vote-columns > li");
    assertThat(columns).hasCount(3);
    assertThat(columns.first()).hasClass("winner");
    assertThat(columns.first()).containsText("6 · 75%");
    columns.first().getByText("Read them").click();
    assertThat(columns.first().locator(".sample .katex")).isVisible();
    JsonNode body = front.requests().getFirst();
    assertThat(body.path("best_of").asInt()).isEqualTo(8);
    assertThat(body.path("thinking_budget").asInt()).isEqualTo(256);
    page.keyboard().press("Alt+m");
    assertThat(page.locator("#compute")).containsText("About €0.0000043 for 8 ×");
  }

  @Test
  void theLastArenaIsDrawn() {
    open();
    page.keyboard().press("Alt+m");
    page.getByText("Accuracy against cost").click();
    assertThat(page.locator(".arena circle")).hasCount(5);
    page.getByText("As a table").click();
    assertThat(page.locator(".arena tbody tr")).hasCount(5);
    assertThat(page.locator(".arena tbody tr").nth(2)).containsText("83%");
  }

  @Test
  void modelsAndEndpointsElsewhereAreOffered() {
    open();
    Locator model =
        page.getByLabel(
            "Model", new com.microsoft.playwright.Page.GetByLabelOptions().setExact(true));
    assertThat(model.locator("option"))
        .hasText(
            new String[] {
              "embedded (loaded, 2.1 MB)",
              "r1-distill-qwen-1.5b (loads when asked, 1.12 GB)",
              "deepseek: deepseek-reasoner"
            });
    model.selectOption("r1-distill-qwen-1.5b");
    ask("Hello");
    assertThat(completeAnswer().locator(".name")).hasText("r1-distill-qwen-1.5b");
    assertThat(front.requests().getFirst().path("model").asString())
        .isEqualTo("r1-distill-qwen-1.5b");
    page.keyboard().press("Alt+s");
    assertThat(page.getByLabel("Top k")).hasAttribute("placeholder", "40 (model)");
    page.getByLabel("Temperature").fill("0.3");
    page.getByLabel("Most tokens").fill("99");
    page.getByLabel("System prompt").fill("Be brief.");
    page.getByLabel("System prompt").blur();
    page.keyboard().press("Escape");
    ask("Again");
    completeAnswer();
    JsonNode body = front.requests().getLast();
    assertThat(body.path("temperature").asDouble()).isEqualTo(0.3);
    assertThat(body.path("max_tokens").asInt()).isEqualTo(99);
    assertThat(body.has("top_p")).isFalse();
    assertThat(body.path("messages").get(0).path("content").asString()).isEqualTo("Be brief.");
  }

  @Test
  void aModelThatLoadsSaysHowFarItIs() throws Exception {
    CountDownLatch loaded = new CountDownLatch(1);
    front.then((out, request) -> {
      out.comment("{\"state\":\"loading\",\"progress\":0.4}");
      loaded.await();
      out.text("Here").finish("stop").done();
    });
    open();
    ask("Hello");
    assertThat(answer(0)).containsText("The model is being loaded: 40 %");
    loaded.countDown();
    assertThat(completeAnswer().locator(".answer")).hasText("Here");
  }

  @Test
  void twoOrThreeAnswerSideBySide() throws Exception {
    open("#/compare");
    button("Add a column").click();
    Locator lanes = page.locator(".lane");
    assertThat(lanes).hasCount(3);
    lanes.nth(2).getByLabel("Model").selectOption("remote:deepseek");
    page.getByLabel("Question to all").fill("Hello");
    button("Ask").click();
    assertThat(page.locator(".lane .answer"))
        .hasText(new String[] {"You asked: Hello", "You asked: Hello", "You asked: Hello"});
    Locator summary = page.locator("table.summary");
    assertThat(summary.locator("tr").last()).containsText("€0.0000043");
    assertThat(summary.locator("thead")).containsText("deepseek · deepseek-reasoner");
    assertThat(front.requests()).hasSize(3);
    JsonNode elsewhere =
        front.requests().stream().filter(r -> !r.has("receipt")).findFirst().orElseThrow();
    assertThat(elsewhere.has("thinking")).as("what only this server knows").isFalse();
    page.reload();
    assertThat(page.locator(".lane .answer")).hasCount(3);
    lanes.first().getByText("Go on in a conversation").click();
    assertThat(page.locator(".message.user")).containsText("Hello");
    assertThat(answer(0).locator(".answer")).hasText("You asked: Hello");
  }

  @Test
  void sideBySideCanBeStopped() throws Exception {
    CountDownLatch gone = new CountDownLatch(2);
    for (int i = 0; i < 2; i++) {
      front.then((out, request) -> {
        try {
          out.forever();
        } finally {
          gone.countDown();
        }
      });
    }
    open("#/compare");
    page.getByLabel("Question to all").fill("Hello");
    page.getByLabel("Question to all").press("Enter");
    assertThat(page.locator(".lane .answer").nth(1)).containsText("word2");
    button("Stop").click();
    assertThat(page.getByText("Stopped.")).hasCount(2);
    assertThat(gone.await(60, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void theMonitorIsLive() {
    page.navigate(front.url() + "#/monitor");
    assertThat(page.locator(".tiles")).containsText("4 / 20");
    assertThat(page.locator(".tiles")).containsText("31.4 W");
    assertThat(page.locator(".tiles")).containsText("€0.012");
    assertThat(page.locator(".tiles")).containsText("41.9%");
    assertThat(page.locator(".card").first()).containsText("Slots: 3 / 16");
    assertThat(page.locator(".chart canvas")).hasCount(3);
    front.serve("/tiefsee/v1/status", Samples.STATUS.replace("31.4", "77.5"));
    assertThat(page.locator(".tiles")).containsText("77.5 W");
    front.stop();
    assertThat(page.locator(".monitor .error")).containsText("No connection");
    front.restart();
    assertThat(page.locator(".monitor .error")).hasCount(0);
  }

  @Test
  void theCurvesOfARunAreShownAndFollowed() {
    page.navigate(front.url() + "#/training");
    assertThat(page.locator(".segments button")).hasText(new String[] {"sft", "grpo"});
    assertThat(page.locator(".segments button").last()).hasAttribute("aria-pressed", "true");
    assertThat(page.locator(".chart figcaption").first()).containsText("Reward");
    assertThat(page.locator(".training table")).containsText("90.9% (89.3% – 92.4%)");
    page.locator(".training .sample summary").click();
    assertThat(page.locator(".training .sample pre")).containsText("numbers 7 10 2 , target 56");
    page.getByText("sft", new com.microsoft.playwright.Page.GetByTextOptions().setExact(true))
        .first()
        .click();
    assertThat(page.locator(".chart figcaption").first()).containsText("Loss");
    front.serve(
        "/tiefsee/v1/runs/countdown",
        "{\"next\":999,\"lines\":[{\"stage\":\"sft2\",\"step\":1,\"loss\":0.5}]}");
    assertThat(page.locator(".segments button")).hasText(new String[] {"sft", "grpo", "sft2"});
  }

  @Test
  void withoutRunsItSaysHowToGetSome() {
    front.serve("/tiefsee/v1/runs", "{\"runs\":[]}");
    page.navigate(front.url() + "#/training");
    assertThat(page.getByText("serve --runs FOLDER")).isVisible();
  }
}
