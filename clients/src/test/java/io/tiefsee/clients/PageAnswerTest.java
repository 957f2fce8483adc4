package io.tiefsee.clients;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.options.AriaRole;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Asking, the thinking fold, stopping, other answers and branches, the price line. */
class PageAnswerTest extends PageTest {
  @Test
  void theFoldIsOpenWhileItThinksAndClosesWhenTheAnswerBegins() throws Exception {
    CountDownLatch answers = new CountDownLatch(1);
    CountDownLatch ends = new CountDownLatch(1);
    front.then((out, request) -> {
      out.thinking("Let me see. ").thinking("Six times seven.");
      answers.await();
      out.text("It is **42**");
      ends.await();
      out.text(".").finish("stop").usage(Samples.usage(100, 20)).done();
    });
    open();
    ask("What is 6 * 7?");
    Locator fold = answer(0).locator("details.thinking");
    assertThat(fold.locator(".thoughts")).hasText("Let me see. Six times seven.");
    assertThat(fold).hasAttribute("open", "");
    assertThat(fold.locator("summary")).containsText("Thinking");
    answers.countDown();
    assertThat(answer(0).locator(".answer strong")).hasText("42");
    assertThat(fold).not().hasAttribute("open", Pattern.compile(".*"));
    assertThat(fold.locator("summary")).containsText("Thought");
    ends.countDown();
    completeAnswer();
    assertThat(fold.locator("summary")).containsText("100 tokens");
    fold.locator("summary").click();
    assertThat(fold.locator(".thoughts")).isVisible();
  }

  @Test
  void aFoldThatTheReaderOpensStaysOpen() throws Exception {
    CountDownLatch ends = new CountDownLatch(1);
    front.then((out, request) -> {
      out.thinking("Thoughts").text("Answer ");
      ends.await();
      out.text("whole").finish("stop").done();
    });
    open();
    ask("Question");
    Locator fold = answer(0).locator("details.thinking");
    assertThat(answer(0).locator(".answer")).hasText("Answer");
    fold.locator("summary").click();
    assertThat(fold.locator(".thoughts")).isVisible();
    ends.countDown();
    assertThat(completeAnswer().locator(".answer")).hasText("Answer whole");
    assertThat(fold.locator(".thoughts")).isVisible();
  }

  @Test
  void theRequestHasWhatTheUserChose() {
    open();
    ask("First");
    completeAnswer();
    button("Thinking").click();
    ask("Second");
    completeAnswer();
    var body = front.requests().get(1);
    assertThat(body.path("model").asString(body.path("model").toString()))
        .doesNotContain("undefined");
    assertThat(body.path("thinking").path("type").asString()).isEqualTo("disabled");
    assertThat(body.path("receipt").asBoolean()).isTrue();
    assertThat(body.path("messages").size()).isEqualTo(3);
    assertThat(body.path("messages").get(1).path("content").asString())
        .isEqualTo("You asked: First");
    assertThat(body.path("messages").get(1).has("reasoning_content")).isFalse();
  }

  @Test
  void stoppingKeepsWhatCame() throws Exception {
    CountDownLatch gone = new CountDownLatch(1);
    front.then((out, request) -> {
      try {
        out.forever();
      } finally {
        gone.countDown();
      }
    });
    open();
    ask("Tell me a long story");
    assertThat(answer(0).locator(".answer")).containsText("word3");
    button("Stop").click();
    completeAnswer();
    assertThat(answer(0)).containsText("Stopped.");
    assertThat(gone.await(60, TimeUnit.SECONDS)).as("the server sees that nobody listens").isTrue();
    front.then((out, request) -> {
      var last = request.path("messages").get(request.path("messages").size() - 1);
      assertThat(last.path("prefix").asBoolean()).isTrue();
      out.text("THE END").finish("stop").done();
    });
    page.getByText("Continue").click();
    completeAnswer();
    assertThat(answer(0).locator(".answer")).containsText("word3");
    assertThat(answer(0).locator(".answer")).containsText("THE END");
  }

  @Test
  void anotherAnswerIsABranch() {
    front.then((out, r) -> out.text("first answer").finish("stop").done());
    front.then((out, r) -> out.text("second answer").finish("stop").done());
    open();
    ask("Question");
    completeAnswer();
    button("Another answer").click();
    assertThat(page.getByText("second answer")).isVisible();
    completeAnswer();
    assertThat(page.locator(".message.assistant")).hasCount(1);
    assertThat(answer(0)).containsText("2 of 2");
    answer(0).getByLabel("Previous branch").click();
    assertThat(answer(0).locator(".answer")).hasText("first answer");
    assertThat(answer(0)).containsText("1 of 2");
  }

  @Test
  void anEditedQuestionIsABranchAndTheOldOneStays() {
    open();
    ask("one");
    completeAnswer();
    ask("two");
    completeAnswer();
    Locator first = page.locator(".message.user").first();
    first.getByLabel("Edit and ask anew").click();
    page.getByLabel("Edit the question").fill("uno");
    page.getByText("Ask anew").click();
    assertThat(page.locator(".message.user")).hasCount(1);
    assertThat(completeAnswer().locator(".answer")).hasText("You asked: uno");
    assertThat(front.requests().get(2).path("messages").size()).isEqualTo(1);
    page.locator(".message.user").first().getByLabel("Previous branch").click();
    assertThat(page.locator(".message.user")).hasCount(2);
    assertThat(answer(-1).locator(".answer")).hasText("You asked: two");
    assertThat(page.locator(".message.user").first()).containsText("1 of 2");
  }

  @Test
  void theLineSaysWhatItCostAndTheReceiptWhy() {
    open();
    ask("Hello");
    Locator line = completeAnswer().locator(".price-line");
    assertThat(line).containsText("4 cached");
    assertThat(line).containsText("11.7 J (estimated)");
    assertThat(line).containsText("€0.0000043");
    assertThat(line).containsText("the same at DeepSeek R1: €0.00021");
    assertThat(line).containsText("the same at OpenAI o1: €0.0062");
    line.click();
    Locator receipt = page.getByRole(AriaRole.DIALOG);
    assertThat(receipt).containsText("Receipt");
    assertThat(receipt).containsText("Wear of the machine");
    assertThat(receipt).containsText("11.7 J ± 2.9 J");
    page.keyboard().press("Escape");
    assertThat(receipt).isHidden();
    assertThat(line).isFocused();
  }

  @Test
  void whatTheBudgetDidIsSaid() {
    front.then((out, r) -> out.thinking("Long").text("Short").note("thinking_budget").done());
    front.then((out, r) -> out.text("Cut o").finish("length").done());
    open();
    ask("Question");
    assertThat(completeAnswer()).containsText("The budget ended the thinking.");
    ask("Question");
    assertThat(completeAnswer()).containsText("The answer reached the token limit.");
  }

  @Test
  void aPlaceInTheQueueIsShown() throws Exception {
    CountDownLatch turn = new CountDownLatch(1);
    front.then((out, request) -> {
      out.comment("{\"queue_position\":3}");
      turn.await();
      out.text("Now").finish("stop").done();
    });
    open();
    ask("Question");
    assertThat(answer(0)).containsText("In the queue: place 3");
    turn.countDown();
    assertThat(completeAnswer()).not().containsText("queue");
  }

  @Test
  void anErrorSaysWhatToDo() {
    front.then((out, r) -> out.whole(429, ScriptedFront.error("too many requests", "rate")));
    open();
    ask("Question");
    assertThat(completeAnswer().locator(".error")).containsText("too many requests");
    assertThat(answer(0).locator(".error")).containsText("Try again in a moment");
    answer(0)
        .locator(".error")
        .getByText("Try again", new Locator.GetByTextOptions().setExact(true))
        .click();
    assertThat(completeAnswer().locator(".answer")).hasText("You asked: Question");
  }
}
