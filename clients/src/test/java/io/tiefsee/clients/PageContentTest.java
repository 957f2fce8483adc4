package io.tiefsee.clients;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.FileChooser;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.options.FilePayload;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What models write: formulas, code, tables; hostile text; JSON; tools; and files for them. */
class PageContentTest extends PageTest {
  /** Ways to run a script by Markdown or HTML, as collections of such strings have them. */
  private static final List<String> HOSTILE =
      List.of(
          "<script>window.hacked=1</script>",
          "<img src=x onerror=\"window.hacked=1\">",
          "<svg onload=\"window.hacked=1\"></svg>",
          "<svg><script>window.hacked=1</script></svg>",
          "<iframe srcdoc=\"<script>parent.hacked=1</script>\"></iframe>",
          "<iframe src=\"javascript:parent.hacked=1\"></iframe>",
          "<body onload=window.hacked=1>",
          "<details open ontoggle=window.hacked=1>x</details>",
          "<a href=\"javascript:window.hacked=1\">click</a>",
          "[click](javascript:window.hacked=1)",
          "[click](JaVaScRiPt:window.hacked=1)",
          "[click](&#106;avascript:window.hacked=1)",
          "[click](java\tscript:window.hacked=1)",
          "[click](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
          "[click](vbscript:window.hacked=1)",
          "![x](x\" onerror=\"window.hacked=1)",
          "![x](javascript:window.hacked=1)",
          "[a](x \"onmouseover=window.hacked=1//\")",
          "<math><mtext><table><mglyph><style><img src=x onerror=window.hacked=1>",
          "<form action=javascript:window.hacked=1><input type=submit>",
          "<input autofocus onfocus=window.hacked=1>",
          "<video><source onerror=window.hacked=1></video>",
          "<object data=\"javascript:window.hacked=1\"></object>",
          "<base href=\"javascript:window.hacked=1//\">",
          "<meta http-equiv=refresh content=\"0;url=javascript:window.hacked=1\">",
          "<link rel=stylesheet href=\"javascript:window.hacked=1\">",
          "<style>@import 'http://127.0.0.1:9/x';</style>",
          "<template><script>window.hacked=1</script></template>",
          "<noscript><p title=\"</noscript><img src=x onerror=window.hacked=1>\">",
          "`` <img src=x onerror=window.hacked=1> ``",
          "```\"><img src=x onerror=window.hacked=1>\ncode\n```",
          "$\\href{javascript:window.hacked=1}{x}$",
          "$\\htmlData{x=1}{y}$ $\\includegraphics{http://127.0.0.1:9/x.png}$",
          "$<img src=x onerror=window.hacked=1>$",
          "<div style=\"background:url(http://127.0.0.1:9/x)\">x</div>",
          "![far](http://127.0.0.1:9/pixel.png)",
          "<img src=\"http://127.0.0.1:9/pixel.png\">",
          "| a |\n|---|\n| <img src=x onerror=window.hacked=1> |",
          "[ref]\n\n[ref]: javascript:window.hacked=1",
          "<https://example.com/\"onmouseover=window.hacked=1>",
          "<b onclick=window.hacked=1>bold</b>");

  @Test
  void formulasTablesAndCodeAreSet() {
    front.then(Examples.RICH);
    open();
    ask(Examples.QUESTION);
    Locator answer = completeAnswer().locator(".answer");
    assertThat(answer.locator(".katex-display")).hasCount(1);
    assertThat(answer.locator(".katex")).hasCount(7);
    assertThat(answer.locator(".katex-error")).hasCount(0);
    assertThat(answer.locator(".katex .fbox, .katex .boxpad").first()).isVisible();
    assertThat(answer.locator("table tbody tr")).hasCount(2);
    assertThat(answer.locator("pre .hljs-keyword").first()).hasText("static");
    context.grantPermissions(List.of("clipboard-read", "clipboard-write"));
    answer.getByLabel("Copy code").click();
    assertThat(answer.getByLabel("Copied")).isVisible();
    assertThat((String) page.evaluate("navigator.clipboard.readText()"))
        .startsWith("/** Real roots")
        .doesNotContain("```");
  }

  @Test
  void pricesAreNoFormulas() {
    front.then((out, r) ->
        out.text("It costs $5 and $6, \\(a_1\\) not. Also \\[b^2\\]").finish("stop").done());
    open();
    ask("Prices?");
    Locator answer = completeAnswer().locator(".answer");
    assertThat(answer).containsText("It costs $5 and $6,");
    assertThat(answer.locator(".katex")).hasCount(2);
  }

  @Test
  void finishedBlocksStayWhileTheAnswerGrows() throws Exception {
    CountDownLatch more = new CountDownLatch(1);
    front.then((out, request) -> {
      out.text("First paragraph with $x$.\n\n```java\nint a;\n```\n\nSecond, ");
      more.await();
      for (int i = 0; i < 50; i++) {
        out.text("word " + i + (i % 10 == 9 ? "\n\n" : " "));
      }
      out.finish("stop").done();
    });
    open();
    ask("Grow");
    assertThat(answer(0).locator(".answer .katex")).isVisible();
    assertThat(answer(0).locator(".answer")).containsText("Second,");
    page.evaluate(
        "document.querySelectorAll('.answer > p:first-child, .answer pre').forEach(e => e.kept = true)");
    more.countDown();
    assertThat(completeAnswer().locator(".answer")).containsText("word 49");
    assertThat(
            (Integer)
                page.evaluate(
                    "[...document.querySelectorAll('.answer > p:first-child, .answer pre')].filter(e => e.kept).length"))
        .as("elements that were not made anew")
        .isEqualTo(2);
  }

  @Test
  void nothingThatAModelWritesRuns() {
    open();
    for (String text : List.of(String.join("\n\n", HOSTILE), String.join(" ", HOSTILE))) {
      front.then((out, r) -> out.thinking(text).text(text).finish("stop").done());
      ask("Attack: " + text);
      completeAnswer();
      answer(-1).locator(".thinking summary").click();
      assertInert();
    }
    // Piece by piece, so that every unfinished beginning is rendered too.
    String all = String.join("\n", HOSTILE);
    front.then((out, r) -> {
      for (int i = 0; i < all.length(); i += 7) {
        out.text(all.substring(i, Math.min(all.length(), i + 7)));
      }
      out.finish("stop").done();
    });
    ask("Again");
    completeAnswer();
    assertInert();
    page.reload();
    assertThat(page.locator(".message.assistant").last()).isVisible();
    assertInert();
    // The policy says so in the console when something is kept from loading; nothing should try.
    assertThat(problems).isEmpty();
  }

  private void assertInert() {
    assertThat(page.evaluate("window.hacked")).isNull();
    String unsafe =
        """
        [...document.querySelectorAll('.message *')].filter((e) =>
          ['SCRIPT', 'IFRAME', 'OBJECT', 'EMBED', 'IMG', 'FORM', 'BASE', 'META', 'LINK', 'STYLE', 'VIDEO']
            .includes(e.tagName)
          || [...e.attributes].some((a) => a.name.startsWith('on'))
          || (e.hasAttribute('href') && !/^(https?|mailto):/.test(e.getAttribute('href'))))
        .map((e) => e.outerHTML)\
        """;
    assertThat((List<?>) page.evaluate(unsafe)).isEmpty();
  }

  @Test
  void linksLeadOutOnlyWhenClicked() {
    front.then((out, r) ->
        out.text("[a](https://example.com/) ![b](https://example.com/b.png)")
            .finish("stop")
            .done());
    open();
    ask("Links");
    Locator links = completeAnswer().locator(".answer a");
    assertThat(links).hasCount(2);
    assertThat(links.first()).hasAttribute("rel", "noopener noreferrer nofollow");
    assertThat(links.first()).hasAttribute("target", "_blank");
  }

  @Test
  void aJsonSchemaGoesToTheServerAndABrokenOneDoesNot() {
    open();
    page.keyboard().press("Alt+s");
    Locator schema = page.getByLabel("JSON schema");
    schema.fill("{\"type\": ");
    schema.blur();
    assertThat(page.locator(".problem").first()).containsText("no valid JSON");
    schema.fill("{\"type\":\"object\",\"properties\":{\"x\":{\"type\":\"integer\"}}}");
    schema.blur();
    page.keyboard().press("Escape");
    front.then((out, r) -> out.text("{\"x\": 7}").finish("stop").done());
    ask("x?");
    assertThat(completeAnswer().locator(".answer")).containsText("\"x\": 7");
    JsonNode format = front.requests().getFirst().path("response_format");
    assertThat(format.path("type").asString()).isEqualTo("json_schema");
    assertThat(format.path("json_schema").path("schema").path("type").asString())
        .isEqualTo("object");
  }

  @Test
  void aToolOfThePageRunsAndIsShown() {
    front.then((out, r) ->
        out.thinking("I need the sum.")
            .call("call_1", "calculate", "{\"expression\":")
            .call("call_1", "", "\"(17 + 4) * 3\"}")
            .finish("tool_calls")
            .done());
    front.then((out, r) -> out.text("It is 63.").finish("stop").done());
    open();
    page.keyboard().press("Alt+s");
    page.getByLabel("Offer a calculator and the clock").check();
    page.keyboard().press("Escape");
    ask("(17 + 4) * 3?");
    assertThat(page.getByText("It is 63.")).isVisible();
    assertThat(page.locator(".call")).containsText("(17 + 4) * 3");
    page.getByText("Result of calculate").click();
    assertThat(page.locator(".tool-result pre")).hasText("63");
    assertThat(front.requests().getFirst().path("tools").size()).isEqualTo(2);
    JsonNode messages = front.requests().getLast().path("messages");
    assertThat(messages.get(1).path("tool_calls").get(0).path("id").asString()).isEqualTo("call_1");
    assertThat(messages.get(2).path("role").asString()).isEqualTo("tool");
    assertThat(messages.get(2).path("content").asString()).isEqualTo("63");
  }

  @Test
  void theResultOfAnUnknownToolIsAskedOfTheUser() {
    front.then((out, r) ->
        out.call("call_9", "weather", "{\"city\":\"Kiel\"}").finish("tool_calls").done());
    front.then((out, r) -> out.text("Rain in Kiel.").finish("stop").done());
    open();
    page.keyboard().press("Alt+s");
    Locator tools = page.getByLabel("Your own functions");
    tools.fill("[{\"name\":\"weather\",\"parameters\":{\"type\":\"object\"}}]");
    tools.blur();
    page.keyboard().press("Escape");
    ask("Weather in Kiel?");
    page.getByLabel("What does weather give?").fill("rain, 9 °C");
    button("Send the result").click();
    assertThat(page.getByText("Rain in Kiel.")).isVisible();
    JsonNode messages = front.requests().getLast().path("messages");
    assertThat(messages.get(2).path("content").asString()).isEqualTo("rain, 9 °C");
    assertThat(messages.get(2).path("tool_call_id").asString()).isEqualTo("call_9");
  }

  @Test
  void textFilesAreAttachedAndOthersRefused() {
    open();
    FileChooser chooser = page.waitForFileChooser(() -> button("Attach text files").click());
    chooser.setFiles(
        new FilePayload[] {
          new FilePayload(
              "notes.txt", "text/plain", "the secret is 42".getBytes(StandardCharsets.UTF_8)),
          new FilePayload("picture.png", "image/png", new byte[] {(byte) 0x89, 'P', 'N', 'G', 0})
        });
    assertThat(page.locator(".chips li")).hasCount(1);
    assertThat(page.locator(".toast")).containsText("picture.png is no text file");
    ask("What is the secret?");
    completeAnswer();
    assertThat(page.locator(".attachment")).containsText("notes.txt");
    assertThat(front.requests().getFirst().path("messages").get(0).path("content").asString())
        .isEqualTo("notes.txt:\n```\nthe secret is 42\n```\n\nWhat is the secret?");
  }

  @Test
  void aServerThatWantsAKeyGetsOne() {
    front.wantKey("sk-right");
    page.navigate(front.url());
    page.locator("#key").fill("sk-wrong");
    page.keyboard().press("Enter");
    assertThat(page.getByText("does not know this key")).isVisible();
    page.locator("#key").fill("sk-right");
    page.keyboard().press("Enter");
    assertThat(page.locator("dialog")).hasCount(0);
    ask("Hello");
    assertThat(completeAnswer().locator(".answer")).hasText("You asked: Hello");
    page.reload();
    ask("Still known?");
    assertThat(completeAnswer().locator(".answer")).hasText("You asked: Still known?");
  }
}
