package io.tiefsee.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tiefsee.format.GgufFile;
import io.tiefsee.grammar.Gbnf;
import io.tiefsee.grammar.Grammar;
import io.tiefsee.grammar.JsonSchema;
import io.tiefsee.grammar.TokenTrie;
import io.tiefsee.tensor.BadInput;
import io.tiefsee.text.Tokenizer;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class GrammarGuideTest {
  private static final Path MODEL = Path.of("src/test/resources/golden/gguf/llama_tiny.Q4_0.gguf");
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Tokenizer TOKENIZER = tokenizer();
  private static final TokenTrie TRIE = TokenTrie.of(TOKENIZER);

  private static Tokenizer tokenizer() {
    try (GgufFile file = GgufFile.open(MODEL)) {
      return Tokenizer.fromGguf(file.metadata());
    }
  }

  private static Grammar schema(String json) {
    return JsonSchema.grammar(JSON.readTree(json));
  }

  /** A model of random weights knows no JSON; the guide makes it write some. */
  @Test
  void aModelThatKnowsNothingObeys() throws InterruptedException {
    Grammar grammar =
        schema(
            """
            {"type": "object", "required": ["n", "ok", "tags"], "properties": {
              "n": {"type": "integer", "minimum": 1, "maximum": 500},
              "ok": {"type": "boolean"},
              "tags": {"type": "array", "maxItems": 2, "items": {"enum": ["a", "b"]}}}}\
            """);
    try (Engine engine = Engine.open(MODEL)) {
      int[] prompt = TOKENIZER.encode("Give me JSON", false);
      for (int seed = 0; seed < 20; seed++) {
        SamplingParams params =
            SamplingParams.builder().temperature(1.5).seed(seed).maxTokens(200).build();
        var guide = new GrammarGuide(grammar, TRIE, TOKENIZER, "");
        var guided = engine.submit(prompt, params, guide);
        var free = engine.submit(prompt, params);
        int[] answer = guided.await();
        assertThat(guided.finishReason()).contains(Generation.FinishReason.STOP);
        JsonNode value = JSON.readTree(TOKENIZER.decode(Arrays.copyOf(answer, answer.length - 1)));
        assertThat(value.get("n").intValue()).isBetween(1, 500);
        assertThat(value.get("ok").isBoolean()).isTrue();
        assertThat(free.await()).isNotEqualTo(answer);
      }
    }
  }

  @Test
  void aGuideThatCannotGoOnFailsItsAnswerAlone() throws InterruptedException {
    try (Engine engine = Engine.open(MODEL)) {
      int[] prompt = {1, 2, 3};
      SamplingParams params =
          SamplingParams.GREEDY.toBuilder().maxTokens(5).ignoreEos(true).build();
      var broken =
          engine.submit(
              prompt,
              params,
              (tokens, promptLength, length, logits) -> {
                throw new BadInput("enough");
              });
      var other = engine.submit(prompt, params);
      assertThatThrownBy(broken::await).isInstanceOf(BadInput.class).hasMessage("enough");
      assertThat(other.await()).hasSize(5);
    }
  }

  /** Which texts a guide lets a model write, token by token. */
  private static boolean allowed(GrammarGuide guide, int[] tokens, int next) {
    float[] logits = new float[TOKENIZER.vocabSize()];
    guide.guide(tokens, 0, tokens.length, logits);
    return logits[next] == 0;
  }

  @Test
  void thoughtsAreFree() {
    Grammar digit = Gbnf.parse("root ::= [0-9]");
    int[] thoughts = TOKENIZER.encode("what? </think>\n", false);
    int seven = TOKENIZER.encode("7", false)[0];
    int letter = TOKENIZER.encode("x", false)[0];
    GrammarGuide guide = new GrammarGuide(digit, TRIE, TOKENIZER, "question <think>\n");
    for (int n = 0; n < thoughts.length; n++) {
      assertThat(allowed(guide, Arrays.copyOf(thoughts, n), thoughts[n])).isTrue();
    }
    assertThat(allowed(guide, thoughts, seven)).isTrue();
    assertThat(allowed(guide, thoughts, letter)).isFalse();
    int[] answer = Arrays.copyOf(thoughts, thoughts.length + 1);
    answer[thoughts.length] = seven;
    assertThat(allowed(guide, answer, seven)).isFalse();
    assertThat(allowed(guide, answer, TOKENIZER.endOfGeneration().iterator().next())).isTrue();
    GrammarGuide unthinking = new GrammarGuide(digit, TRIE, TOKENIZER, "question");
    assertThat(allowed(unthinking, new int[0], letter)).isFalse();
    assertThat(allowed(unthinking, new int[0], seven)).isTrue();
  }
}
