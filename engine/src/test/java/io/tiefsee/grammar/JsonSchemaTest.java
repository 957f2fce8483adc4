package io.tiefsee.grammar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.tiefsee.format.GgufFile;
import io.tiefsee.tensor.BadInput;
import io.tiefsee.text.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class JsonSchemaTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final SchemaRegistry REGISTRY =
      SchemaRegistry.withDefaultDialect(
          SpecificationVersion.DRAFT_2020_12,
          b ->
              b.schemaRegistryConfig(
                  com.networknt.schema.SchemaRegistryConfig.builder()
                      .formatAssertionsEnabled(true)
                      .build()));
  private static final TokenTrie TRIE = trie();

  private static TokenTrie trie() {
    try (GgufFile file =
        GgufFile.open(Path.of("src/test/resources/golden/gguf/llama_tiny.Q4_0.gguf"))) {
      return TokenTrie.of(Tokenizer.fromGguf(file.metadata()));
    }
  }

  private static ByteMatcher matcher(String schema) {
    return new ByteMatcher(JsonSchema.grammar(JSON.readTree(schema)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '¦',
      quoteCharacter = '`',
      value = {
        "{\"type\":\"integer\",\"minimum\":-12,\"maximum\":305}¦-12 -11 -9 0 7 99 100 305¦-13 306 1000 01 -0 1.0",
        "{\"type\":\"integer\",\"exclusiveMinimum\":0}¦1 10 999¦0 -1 05",
        "{\"type\":\"integer\",\"maximum\":-5}¦-5 -17 -600¦-4 0 3",
        "{\"type\":\"number\",\"minimum\":0.5,\"exclusiveMaximum\":12.25}¦0.5 0.51 1 12 12.2 12.249 11.999¦0.49 12.25 12.3 13 0",
        "{\"type\":\"number\",\"exclusiveMinimum\":-1.5,\"maximum\":-0.25}¦-1.49 -1 -0.25 -0.3¦-1.5 -0.24 -2 0.3",
        "{\"type\":\"number\",\"minimum\":3}¦3 3.0 4.5 17¦2.9 2 -3",
        "{\"enum\":[1,\"a\",null,[2]]}¦1 \"a\" null [2]¦2 \"b\"",
        "{\"type\":\"string\",\"enum\":[1,\"a\"]}¦\"a\"¦1",
        "{\"const\":{\"a\":[1,2]}}¦{\"a\":[1,2]}¦{}",
        "{\"type\":[\"boolean\",\"null\"]}¦true false null¦0",
        "{\"type\":\"string\",\"minLength\":2,\"maxLength\":3}¦\"ab\" \"äöü\" \"\\n\\u00e4\"¦\"a\" \"abcd\" ab",
        "{\"type\":\"string\",\"pattern\":\"^[a-c]{2}(x|y)+$\"}¦\"abx\" \"caxyx\"¦\"ab\" \"abz\" \"aabx\"",
        "{\"type\":\"string\",\"pattern\":\"\\\\d-\"}¦\"x7-y\" \"7-\"¦\"x7\" \"-7\"",
        "{\"type\":\"string\",\"format\":\"email\"}¦\"jo+x@a-b.example\"¦\"jo\" \"@a.b\" \"a@b\"",
        "{\"type\":\"string\",\"format\":\"date\"}¦\"2024-02-28\"¦\"2024-02-30\" \"2024-13-01\" \"24-01-01\"",
        "{\"type\":\"array\",\"items\":{\"type\":\"integer\"},\"minItems\":1,\"maxItems\":2}¦[1] [1,2]¦[] [1,2,3] [\"a\"]",
        "{\"prefixItems\":[{\"type\":\"integer\"},{\"type\":\"string\"}]}¦[1,\"a\"]¦[\"a\",1] [1,\"a\",2]",
        "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"integer\"},\"b\":{\"type\":\"null\"}},\"required\":[\"b\"]}¦{\"a\":1,\"b\":null} {\"b\":null}¦{} {\"a\":1} {\"b\":null,\"c\":1}",
        "{\"properties\":{\"a\":{\"type\":\"integer\"}},\"additionalProperties\":{\"type\":\"boolean\"}}¦{} {\"a\":1} {\"a\":1,\"b\":true} {\"ab\":false}¦{\"a\":true} {\"b\":1}",
        "{\"anyOf\":[{\"type\":\"integer\"},{\"type\":\"string\"}],\"maximum\":3,\"maxLength\":1}¦3 \"a\"¦4 \"ab\"",
        "{\"allOf\":[{\"properties\":{\"a\":{\"type\":\"integer\"}},\"required\":[\"a\"]},{\"properties\":{\"a\":{\"minimum\":2}}}]}¦{\"a\":2}¦{\"a\":1} {}",
      })
  void letsThroughWhatIsValid(String schema, String valid, String invalid) {
    ByteMatcher matcher = matcher(schema);
    for (String text : valid.split(" ")) {
      assertThat(GrammarTest.matches(matcher, text)).as(text).isTrue();
    }
    for (String text : invalid.split(" ")) {
      assertThat(GrammarTest.matches(matcher, text)).as(text).isFalse();
    }
  }

  @Test
  void recursiveSchemas() {
    ByteMatcher tree =
        matcher(
            """
            {"$ref": "#/$defs/node", "$defs": {"node": {"type": "object",
              "properties": {"value": {"type": "integer"},
                             "next": {"anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}]}},
              "required": ["value", "next"]}}}\
            """);
    assertThat(GrammarTest.matches(tree, "{\"value\":1,\"next\":{\"value\":2,\"next\":null}}"))
        .isTrue();
    assertThat(GrammarTest.matches(tree, "{\"value\":1,\"next\":{\"value\":2}}")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"uniqueItems\":true,\"type\":\"array\"}",
        "{\"not\":{}}",
        "{\"type\":\"integer\",\"multipleOf\":3}",
        "{\"oneOf\":[{\"type\":\"integer\"},{\"type\":\"number\"}]}",
        "{\"type\":\"strnig\"}",
        "{\"$ref\":\"#/nowhere\"}",
        "{\"$ref\":\"http://example.com/a\"}",
        "{\"type\":\"integer\",\"minimum\":3,\"maximum\":2}",
        "{\"type\":\"string\",\"minLength\":-1}",
        "{\"pattern\":\"(?=a)\"}",
        "{\"pattern\":\"a\",\"maxLength\":4}",
        "false",
        "3",
        "{\"properties\":3}",
        "{\"$ref\":\"#\"}",
        "{\"anyOf\":[]}"
      })
  void whatCannotBeKeptIsRefused(String schema) {
    assertThatThrownBy(() -> matcher(schema))
        .isInstanceOf(BadInput.class)
        .message()
        .doesNotContain("\n");
  }

  /** Whatever a model would choose: the text parses and is valid. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
  void randomSchemasGiveValidTexts(int seed) {
    Random random = new Random(seed);
    int finished = 0;
    for (int i = 0; i < 250; i++) {
      JsonNode schema = RandomSchema.of(random);
      TokenMatcher matcher;
      try {
        matcher = new TokenMatcher(JsonSchema.grammar(schema), TRIE);
      } catch (BadInput e) {
        throw new AssertionError("refused: " + schema, e);
      }
      Schema validator = REGISTRY.getSchema(schema.toString(), InputFormat.JSON);
      for (int k = 0; k < 3; k++) {
        String text = walk(matcher, random);
        if (!text.isEmpty()) {
          finished++;
          assertThat(validator.validate(text, InputFormat.JSON)).as(schema + "\n" + text).isEmpty();
          JSON.readTree(text);
        }
      }
    }
    assertThat(finished).isGreaterThan(675);
  }

  /** Chooses among the tokens that are allowed, those that bring an end more often. */
  private static String walk(TokenMatcher matcher, Random random) {
    TokenMatcher.Cursor cursor = matcher.start();
    java.io.ByteArrayOutputStream out = new java.io.ByteArrayOutputStream();
    for (int n = 0; n < 2000; n++) {
      float[] logits = new float[TRIE.vocab()];
      for (int t = 0; t < logits.length; t++) {
        byte[] bytes = TRIE.bytes(t);
        logits[t] = (float) (-Math.log(-Math.log(random.nextDouble())));
        boolean closes = bytes.length == 1 && "\"}],:".indexOf(bytes[0]) >= 0;
        logits[t] += closes ? 3 + n / 100f : TRIE.ends(t) ? 3 : 0;
      }
      cursor.mask(logits);
      int best = -1;
      for (int t = 0; t < logits.length; t++) {
        best = logits[t] > (best < 0 ? Float.NEGATIVE_INFINITY : logits[best]) ? t : best;
      }
      assertThat(best)
          .as("no token fits after " + out.toString(StandardCharsets.UTF_8))
          .isGreaterThanOrEqualTo(0);
      if (TRIE.ends(best)) {
        return out.toString(StandardCharsets.UTF_8);
      }
      cursor.accept(best);
      out.writeBytes(TRIE.bytes(best));
    }
    return "";
  }
}
