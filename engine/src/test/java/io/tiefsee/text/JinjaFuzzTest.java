package io.tiefsee.text;

import static org.assertj.core.api.Assertions.assertThat;

import io.tiefsee.tensor.BadInput;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Mutated templates either render or fail with {@link BadInput}, and always soon. */
class JinjaFuzzTest {
  private static final int ROUNDS = 6000;
  private static final String[] PIECES = {
    "{{",
    "}}",
    "{%",
    "%}",
    "{#",
    "#}",
    "-",
    "+",
    "|",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ":",
    ",",
    ".",
    "'",
    "\"",
    "\\",
    "\n",
    " if ",
    " else ",
    " in ",
    " not ",
    " is ",
    "{% endif %}",
    "{% endfor %}",
    "{% for x in messages %}",
    "{% set x = 1 %}",
    "{% break %}",
    "|tojson",
    "[::-1]",
    "99999999999",
    "*",
    "**",
    "//",
    "%",
    "~",
    "none",
    "true",
    "loop",
    "range(9)",
    "messages",
    "1.5e3",
    "é",
    "😀"
  };

  @Test
  void mutatedTemplatesFailCleanly() throws IOException {
    JsonNode golden = JinjaGoldenTest.resource("jinja_cases.json");
    Map<String, Object> context = JinjaGoldenTest.map(golden.path("contexts").path("std"));
    List<String> templates = new ArrayList<>();
    golden.path("cases").forEach(c -> templates.add(c.path("t").stringValue()));
    for (String file : List.of("template_deepseek_v3.json", "template_qwen3.json")) {
      String source =
          JinjaGoldenTest.resource(file)
              .path("tokenizer_config")
              .path("chat_template")
              .stringValue();
      for (int i = 0; i < 100; i++) {
        templates.add(source);
      }
    }
    Random random = new Random(42);
    int rendered = 0;
    int failed = 0;
    Instant start = Instant.now();
    for (int round = 0; round < ROUNDS; round++) {
      String source = templates.get(random.nextInt(templates.size()));
      StringBuilder mutated = new StringBuilder(source);
      for (int n = 1 + random.nextInt(4); n > 0; n--) {
        mutate(mutated, source, random);
      }
      try {
        ChatTemplate.render(mutated.toString(), context, Clock.systemUTC());
        rendered++;
      } catch (BadInput e) {
        assertThat(e.getMessage())
            .matches("(chat template, line \\d+|the chat template rejects the conversation): .*");
        failed++;
      } catch (RuntimeException | StackOverflowError e) {
        throw new AssertionError("round " + round + ": " + mutated, e);
      }
    }
    assertThat(rendered).isGreaterThan(500);
    assertThat(failed).isGreaterThan(500);
    assertThat(Duration.between(start, Instant.now())).isLessThan(Duration.ofSeconds(120));
  }

  private static void mutate(StringBuilder s, String source, Random random) {
    int at = random.nextInt(s.length() + 1);
    int to = Math.min(s.length(), at + random.nextInt(12));
    switch (random.nextInt(4)) {
      case 0 -> s.delete(at, to);
      case 1 -> s.insert(at, PIECES[random.nextInt(PIECES.length)]);
      case 2 -> s.replace(at, to, PIECES[random.nextInt(PIECES.length)]);
      default -> {
        int from = random.nextInt(source.length() + 1);
        s.insert(at, source, from, Math.min(source.length(), from + random.nextInt(60)));
      }
    }
  }
}
