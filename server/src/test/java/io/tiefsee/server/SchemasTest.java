package io.tiefsee.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.SpecificationVersion;
import io.tiefsee.grammar.JsonSchema;
import io.tiefsee.grammar.TokenMatcher;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Answers that schemas hold, by a model of random weights at temperature 1, which would write
 * anything else: each that ends parses and is valid, and each that is cut short could have become
 * valid. The schemas of {@code schemas.jsonl} were drawn at random from all that a grammar can
 * keep.
 */
class SchemasTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final SchemaRegistry REGISTRY =
      SchemaRegistry.withDefaultDialect(
          SpecificationVersion.DRAFT_2020_12,
          b ->
              b.schemaRegistryConfig(
                  SchemaRegistryConfig.builder().formatAssertionsEnabled(true).build()));

  private static TestServer server;
  private static Model.Lease lease;

  @BeforeAll
  static void start() throws Exception {
    server = TestServer.start(TestServer.TINY);
    Models models = server.server.models();
    lease = models.use(models.first());
  }

  @AfterAll
  static void stop() {
    lease.close();
    server.close();
  }

  private static List<JsonNode> schemas() throws IOException {
    try (InputStream in = SchemasTest.class.getResourceAsStream("schemas.jsonl")) {
      String text = new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
      return text.lines().map(JSON::readTree).toList();
    }
  }

  @Test
  void whatIsAskedForIsWhatComes() throws Exception {
    check(schemas().subList(0, 100), 3);
  }

  @Tag("slow")
  @Test
  void whateverIsAskedForIsWhatComes() throws Exception {
    check(schemas(), 16);
  }

  private static void check(List<JsonNode> schemas, int samples) throws Exception {
    int ended = 0;
    int seed = 0;
    for (JsonNode schema : schemas) {
      Schema validator = REGISTRY.getSchema(schema.toString(), InputFormat.JSON);
      TokenMatcher matcher = new TokenMatcher(JsonSchema.grammar(schema), lease.trie());
      for (JsonNode choice : answers(schema, samples, seed++)) {
        String text = choice.path("message").path("content").stringValue();
        String what = schema + "\n" + text;
        if (choice.path("finish_reason").stringValue().equals("stop")) {
          ended++;
          JSON.readTree(text);
          assertThat(validator.validate(text, InputFormat.JSON)).as(what).isEmpty();
        } else {
          // A character that was cut in two is shown as U+FFFD.
          String whole = text.replaceFirst("\uFFFD+$", "");
          assertThat(matcher.start().accept(whole)).as(what).isTrue();
        }
      }
    }
    assertThat(ended).isGreaterThan(schemas.size() * samples / 2);
  }

  private static ArrayNode answers(JsonNode schema, int samples, int seed) throws Exception {
    ObjectNode request = JSON.createObjectNode().put("n", samples).put("seed", seed);
    request.put("temperature", 1).put("top_p", 1).put("top_k", 0).put("max_tokens", 300);
    request.putArray("messages").addObject().put("role", "user").put("content", "Hello");
    ObjectNode format = request.putObject("response_format").put("type", "json_schema");
    format.putObject("json_schema").put("name", "random").set("schema", schema);
    TestServer.Reply reply = server.post("/v1/chat/completions", request.toString());
    assertThat(reply.status()).as(schema + "\n" + reply.body()).isEqualTo(200);
    return (ArrayNode) reply.json().path("choices");
  }
}
