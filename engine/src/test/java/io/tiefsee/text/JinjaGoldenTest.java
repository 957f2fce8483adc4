package io.tiefsee.text;

import static org.assertj.core.api.Assertions.assertThat;

import io.tiefsee.tensor.BadInput;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * Templates against what Python's Jinja2 3.1.6 gives for them, byte for byte, in the environment
 * that transformers sets up. Where Python fails, rendering must fail too (its words may differ).
 */
class JinjaGoldenTest {
  static final ObjectMapper JSON = new ObjectMapper();

  static JsonNode resource(String name) throws IOException {
    try (InputStream in = JinjaGoldenTest.class.getResourceAsStream("/text/" + name)) {
      return JSON.readTree(in);
    }
  }

  static Map<String, Object> map(JsonNode node) {
    return JSON.convertValue(node, new TypeReference<Map<String, Object>>() {});
  }

  @Test
  void rendersAsPythonDoes() throws IOException {
    JsonNode golden = resource("jinja_cases.json");
    Clock clock = Clock.fixed(Instant.parse(golden.path("now").stringValue()), ZoneOffset.UTC);
    List<String> wrong = new ArrayList<>();
    int count = 0;
    for (JsonNode c : golden.path("cases")) {
      count++;
      String template = c.path("t").stringValue();
      Map<String, Object> variables = map(golden.path("contexts").path(c.path("c").stringValue()));
      String expected = c.has("text") ? c.path("text").stringValue() : "error: " + c.path("error");
      String actual;
      try {
        actual = ChatTemplate.render(template, variables, clock);
      } catch (BadInput e) {
        actual = "error: " + e.getMessage();
      }
      boolean same = c.has("text") ? expected.equals(actual) : actual.startsWith("error: ");
      if (!same) {
        wrong.add("%s%n  expected %s%n  but was  %s".formatted(template, expected, actual));
      }
    }
    assertThat(count).isGreaterThan(1000);
    assertThat(wrong).as(wrong.size() + " of " + count + " differ").isEmpty();
  }
}
