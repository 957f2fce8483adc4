package io.tiefsee.clients;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Download;
import com.microsoft.playwright.FileChooser;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.FilePayload;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What the browser keeps: through reloads, in two tabs, when the server goes away, as files. */
class PageStoreTest extends PageTest {
  @Test
  void aReloadKeepsEverything() {
    open();
    ask("one");
    completeAnswer();
    button("Another answer").click();
    assertThat(answer(0)).containsText("2 of 2");
    completeAnswer();
    button("Thinking").click();
    waitUntilStored();
    String address = page.url();
    assertThat(address).contains("#/c/");
    page.reload();
    assertThat(answer(0).locator(".answer")).hasText("You asked: one");
    assertThat(answer(0)).containsText("2 of 2");
    assertThat(answer(0).locator(".price-line")).containsText("11.7 J");
    assertThat(button("Thinking")).hasAttribute("aria-pressed", "false");
    assertThat(page.locator(".conversations li")).hasCount(1);
    assertThat(page.url()).isEqualTo(address);
  }

  /** Until what the page has begun to write is on disk: writers of a store wait for each other. */
  private void waitUntilStored() {
    page.evaluate(
        """
        () => new Promise((done, fail) => {
          const request = indexedDB.open('tiefsee');
          request.onerror = fail;
          request.onsuccess = () => {
            const writer = request.result.transaction(['conversations'], 'readwrite');
            writer.objectStore('conversations').count();
            writer.oncomplete = () => (request.result.close(), done());
          };
        })
        """);
  }

  @Test
  void anAnswerWhoseTabWasClosedCanBeContinued() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    front.then((out, request) -> {
      out.thinking("Hm.").text("Half an ");
      never.await();
    });
    open();
    ask("Question");
    assertThat(answer(0).locator(".answer")).hasText("Half an");
    // Another tab sees only what is stored.
    Page other = newTab();
    other.navigate(page.url());
    assertThat(other.locator(".message.assistant .answer")).hasText("Half an");
    other.close();
    page.reload();
    assertThat(answer(0).locator(".error")).containsText("What arrived is kept");
    front.then((out, request) -> out.text("answer").finish("stop").done());
    answer(0).getByText("Continue").click();
    assertThat(completeAnswer().locator(".answer")).hasText("Half an answer");
    JsonNode messages = front.requests().getLast().path("messages");
    JsonNode prefix = messages.get(messages.size() - 1);
    assertThat(prefix.path("prefix").asBoolean()).isTrue();
    assertThat(prefix.path("content").asString()).isEqualTo("Half an ");
    assertThat(prefix.path("reasoning_content").asString()).isEqualTo("Hm.");
  }

  @Test
  void twoTabsShowTheSame() throws Exception {
    open();
    ask("from the first tab");
    completeAnswer();
    Page other = newTab();
    other.navigate(page.url());
    assertThat(other.locator(".message.assistant .answer"))
        .hasText("You asked: from the first tab");
    CountDownLatch ends = new CountDownLatch(1);
    front.then((out, request) -> {
      out.text("growing ");
      ends.await();
      out.text("grown").finish("stop").done();
    });
    ask("again");
    assertThat(other.locator(".message.user")).hasCount(2);
    assertThat(other.locator(".message.assistant .answer").last()).hasText("growing");
    ends.countDown();
    assertThat(other.locator(".message.assistant .answer").last()).hasText("growing grown");
    assertThat(other.locator(".message.assistant").last()).hasAttribute("aria-busy", "false");
    other.locator("#question").fill("from the second tab");
    other.locator("#question").press("Enter");
    assertThat(page.locator(".message.assistant .answer")).hasCount(3);
    assertThat(page.locator(".message.assistant .answer").last())
        .hasText("You asked: from the second tab");
  }

  @Test
  void anAnswerGoesOnAfterTheServerWasRestarted() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    front.then((out, request) -> {
      out.text("Before ");
      never.await();
    });
    front.then((out, request) -> out.text("and after").finish("stop").done());
    open();
    ask("Question");
    assertThat(answer(0).locator(".answer")).hasText("Before");
    front.stop();
    assertThat(answer(0)).containsText("Connection lost");
    front.restart();
    assertThat(completeAnswer().locator(".answer")).hasText("Before and after");
    assertThat(answer(0).locator(".error")).hasCount(0);
  }

  @Test
  void aQuestionWaitsForAServerThatIsAway() {
    open();
    assertThat(page.locator(".composer select option").first())
        .hasText("embedded (loaded, 2.1 MB)");
    front.stop();
    ask("Anybody there?");
    assertThat(answer(0)).containsText("Connection lost");
    front.restart();
    assertThat(completeAnswer().locator(".answer")).hasText("You asked: Anybody there?");
  }

  @Test
  void conversationsAreFoundRenamedAndDeleted() {
    open();
    ask("apples and pears");
    completeAnswer();
    page.keyboard().press("Alt+n");
    ask("bread");
    completeAnswer();
    Locator list = page.locator(".conversations li");
    assertThat(list).hasCount(2);
    page.getByLabel("Search conversations").fill("PEARS apples");
    assertThat(list).hasCount(1);
    assertThat(list).containsText("apples and pears");
    list.getByRole(AriaRole.BUTTON).click();
    button("Rename").click();
    page.getByLabel("New name").fill("Fruit");
    page.getByLabel("New name").press("Enter");
    assertThat(page.locator("dialog")).hasCount(0);
    page.getByLabel("Search conversations").fill("");
    assertThat(list).hasCount(2);
    page.getByText("Fruit").click();
    assertThat(page.locator("#title")).hasText("Fruit");
    page.reload();
    assertThat(page.locator("#title")).hasText("Fruit");
    button("Actions for “Fruit”").click();
    button("Delete").click();
    button("Delete").click();
    assertThat(list).hasCount(1);
    assertThat(page.locator(".welcome")).isVisible();
    page.reload();
    assertThat(list).hasCount(1);
  }

  @Test
  void whatIsExportedCanBeImportedAgain() throws Exception {
    open();
    ask("one");
    completeAnswer();
    button("Another answer").click();
    assertThat(answer(0)).containsText("2 of 2");
    completeAnswer();
    byte[] json = download("Export as JSON (all branches)");
    String markdown = new String(download("Export as Markdown"), StandardCharsets.UTF_8);
    assertThat(markdown).startsWith("# one\n").contains("You asked: one", "I was asked: one");
    JsonNode exported = ScriptedFront.JSON.readTree(json);
    assertThat(exported.path("conversations").get(0).path("messages").size()).isEqualTo(3);
    bringIn("export.json", json);
    assertThat(page.locator(".conversations li")).hasCount(2);
    page.locator(".conversations li:not(:has([aria-current])) a").click();
    assertThat(answer(0)).containsText("2 of 2");
    bringIn("bad.json", "{\"format\":\"other\"}".getBytes(StandardCharsets.UTF_8));
    assertThat(page.locator(".toast").last()).containsText("bad.json holds no conversations");
  }

  private byte[] download(String name) throws Exception {
    button("Actions for “one”").click();
    Download download = page.waitForDownload(() -> button(name).click());
    return Files.readAllBytes(download.path());
  }

  private void bringIn(String name, byte[] content) {
    FileChooser chooser = page.waitForFileChooser(() -> button("Import conversations").click());
    chooser.setFiles(new FilePayload(name, "application/json", content));
  }

  @Test
  void aConversationOfThreeHundredMessagesIsShown() {
    open();
    bringIn("long.json", longConversation(300).toString().getBytes(StandardCharsets.UTF_8));
    page.getByText("A long one").click();
    assertThat(page.locator(".message").last()).containsText("Answer number 299");
    assertThat(page.locator(".message")).hasCount(300);
    assertThat(page.locator(".message").last()).isInViewport();
    ask("And now?");
    assertThat(completeAnswer().locator(".answer")).hasText("You asked: And now?");
    assertThat(answer(-1)).isInViewport();
    page.locator(".message").first().scrollIntoViewIfNeeded();
    assertThat(page.locator(".message").first()).containsText("Question number 0");
    page.getByText("To the latest").click();
    assertThat(answer(-1)).isInViewport();
  }

  private static ObjectNode longConversation(int length) {
    ObjectNode file = ScriptedFront.JSON.createObjectNode();
    file.put("format", "tiefsee-conversations").put("version", 1);
    ObjectNode conversation = file.putArray("conversations").addObject();
    conversation.put("title", "A long one").put("leaf", "m" + (length - 1));
    ArrayNode messages = conversation.putArray("messages");
    for (int i = 0; i < length; i++) {
      ObjectNode message = messages.addObject();
      message.put("id", "m" + i).put("created", 1000 + i).put("status", "done");
      message.put("role", i % 2 == 0 ? "user" : "assistant");
      message.put("parent", i == 0 ? null : "m" + (i - 1));
      String what = (i % 2 == 0 ? "Question number " : "Answer number ") + i;
      message.put(
          "content", what + (i % 2 == 0 ? "" : "\n\n- with **Markdown**\n- and $x^" + i + "$"));
    }
    return file;
  }
}
