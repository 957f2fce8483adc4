package io.tiefsee.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tiefsee.tensor.BadInput;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Normalizer;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Token ids and decoded text against Hugging Face's tokenizers and llama.cpp. */
class TokenizerTest {
  @TempDir static Path temp;
  private static Map<String, Tokenizer> models;
  private static Tokenizer smollm;

  @BeforeAll
  static void load() throws IOException {
    models =
        Map.of(
            "qwen3",
            Tokenizer.fromHuggingFace(TokenizerResources.folder("qwen3", temp)),
            "deepseek_v3",
            Tokenizer.fromHuggingFace(TokenizerResources.folder("deepseek_v3", temp)));
    smollm = Tokenizer.fromGguf(TokenizerResources.gguf("smollm2"));
  }

  private static Tokenizer model(String name) {
    return Objects.requireNonNull(models.get(name));
  }

  @ParameterizedTest
  @ValueSource(strings = {"qwen3", "deepseek_v3"})
  void everyReferenceTextGivesTheReferenceIds(String name) {
    Tokenizer tokenizer = model(name);
    JsonNode cases = TokenizerResources.json(name + "/encode.json");
    assertThat(cases.size()).isEqualTo(132);
    for (JsonNode c : cases) {
      int[] ids = TokenizerResources.ints(c.get("ids"));
      String text = c.get("text").asString();
      assertThat(tokenizer.encode(text, true)).as(text).isEqualTo(ids);
      assertThat(tokenizer.decode(ids)).isEqualTo(c.get("decoded").asString());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"deepseek_v3_tiny.Q8_0", "llama_tiny.F16"})
  void smallGgufVocabulariesGiveTheReferenceIds(String file) {
    Tokenizer tokenizer =
        Tokenizer.fromGguf(TokenizerResources.gguf(file.substring(0, file.indexOf('.'))));
    JsonNode expected = TokenizerResources.json("gguf/tiny_expected.json");
    JsonNode ids = expected.get("ids").get(file + ".gguf");
    assertThat(ids.size()).isEqualTo(20);
    for (int i = 0; i < ids.size(); i++) {
      String text = expected.get("texts").get(i).asString();
      assertThat(tokenizer.encode(text, true)).isEqualTo(TokenizerResources.ints(ids.get(i)));
      assertThat(tokenizer.decode(tokenizer.encode(text, true))).isEqualTo(text);
    }
  }

  @Test
  void smollmGivesTheReferenceIdsInBothModes() {
    JsonNode cases = TokenizerResources.json("gguf/smollm2_expected.json");
    assertThat(cases.size()).isEqualTo(20);
    for (JsonNode c : cases) {
      String text = c.get("text").asString();
      int[] special = TokenizerResources.ints(c.get("ids_parse_special"));
      JsonNode other = c.get("ids_plain");
      int[] plain = other.isArray() ? TokenizerResources.ints(other) : special;
      assertThat(smollm.encode(text, true)).isEqualTo(special);
      assertThat(smollm.encode(text, false)).isEqualTo(plain);
      assertThat(smollm.decode(special)).isEqualTo(c.get("detokenized").asString());
      JsonNode pieces = c.path("pieces_hex");
      for (int i = 0; i < pieces.size(); i++) {
        assertThat(smollm.bytes(special[i]))
            .isEqualTo(HexFormat.of().parseHex(pieces.get(i).asString()));
      }
    }
  }

  @Test
  void knowsTheSpecialTokens() {
    Tokenizer qwen = model("qwen3");
    assertThat(qwen.bos()).isEmpty();
    assertThat(qwen.eos()).hasValue(151645);
    assertThat(qwen.endOfGeneration()).contains(151643, 151645);
    assertThat(qwen.addBos()).isFalse();
    assertThat(qwen.vocabSize()).isEqualTo(151669);
    assertThat(qwen.isSpecial(qwen.id("<|im_start|>").orElseThrow())).isTrue();
    assertThat(qwen.isSpecial(qwen.id("<think>").orElseThrow())).isFalse();

    Tokenizer deepseek = model("deepseek_v3");
    assertThat(deepseek.bos()).hasValue(0);
    assertThat(deepseek.eos()).hasValue(1);
    assertThat(deepseek.endOfGeneration()).containsExactly(1);
    assertThat(deepseek.addBos()).isTrue();
    assertThat(deepseek.text(0)).isEqualTo("<｜begin▁of▁sentence｜>");

    assertThat(smollm.bos()).hasValue(1);
    assertThat(smollm.eos()).hasValue(2);
    assertThat(smollm.endOfGeneration()).contains(0, 2);
    assertThat(smollm.addBos()).isFalse();
  }

  @Test
  void generationConfigAddsEndsOfGeneration(@TempDir Path other) throws IOException {
    Path folder = TokenizerResources.folder("deepseek_v3", other);
    Files.writeString(folder.resolve("generation_config.json"), "{\"eos_token_id\":[1,7]}");
    Files.writeString(folder.resolve("config.json"), "{\"eos_token_id\":9}");
    assertThat(Tokenizer.fromHuggingFace(folder).endOfGeneration())
        .containsExactlyInAnyOrder(1, 7, 9);
  }

  @Test
  void bosComesOnlyWhereAsked() {
    Tokenizer tokenizer = model("deepseek_v3");
    int[] plain = tokenizer.encode("Hello world", false);
    int[] withBos = tokenizer.encode("Hello world", new Tokenizer.EncodeOptions(false, true));
    assertThat(withBos).hasSize(plain.length + 1).startsWith(0).endsWith(plain);
    assertThat(model("qwen3").encode("a", new Tokenizer.EncodeOptions(false, true)))
        .isEqualTo(model("qwen3").encode("a", false));
  }

  @Test
  void specialTokensOfUserTextStayText() {
    Tokenizer qwen = model("qwen3");
    int end = qwen.eos().orElseThrow();
    assertThat(qwen.encode("<|im_end|>", true)).containsExactly(end);
    assertThat(qwen.encode("<|im_end|>", false)).hasSizeGreaterThan(1).doesNotContain(end);
    // Added tokens that are not special are recognised in both modes.
    int think = qwen.id("<think>").orElseThrow();
    assertThat(qwen.encode("<think>", true)).containsExactly(think);
    assertThat(qwen.encode("<think>", false)).containsExactly(think);
  }

  @Test
  void randomTextsComeBack() {
    for (String text : TokenizerResources.randomTexts(5, 500)) {
      for (boolean special : new boolean[] {false, true}) {
        Tokenizer deepseek = model("deepseek_v3");
        assertThat(deepseek.decode(deepseek.encode(text, special))).isEqualTo(text);
        Tokenizer qwen = model("qwen3");
        assertThat(
                Normalizer.normalize(qwen.decode(qwen.encode(text, special)), Normalizer.Form.NFC))
            .isEqualTo(Normalizer.normalize(text, Normalizer.Form.NFC));
      }
    }
  }

  @Test
  void bytesOutsideTheVocabularyAreLeftOut() {
    // SmolLM2's vocabulary lacks the byte 4; a and b stay words of their own.
    assertThat(smollm.encode("a\u0004b", false)).containsExactly(81, 82);
  }

  @Test
  void loneSurrogatesCountAsReplacementCharacters() {
    for (Tokenizer tokenizer : models.values()) {
      for (String lone : List.of("a\uD83D", "\uDE00b", "\uDE00\uD83D", "x\uD83Dy\uD83D\uDE00")) {
        String proper = new String(lone.getBytes(StandardCharsets.UTF_16), StandardCharsets.UTF_16);
        assertThat(tokenizer.encode(lone, true)).isEqualTo(tokenizer.encode(proper, true));
        assertThat(tokenizer.decode(tokenizer.encode(lone, true))).isEqualTo(proper);
      }
    }
  }

  @Test
  void streamingGivesWholeCharactersAndTheSameText() {
    for (String text : TokenizerResources.randomTexts(9, 300)) {
      for (Tokenizer tokenizer : models.values()) {
        int[] ids = tokenizer.encode(text, true);
        Tokenizer.Decoder decoder = tokenizer.decoder();
        StringBuilder streamed = new StringBuilder();
        for (int id : ids) {
          String part = decoder.accept(id);
          assertThat(endsInsidePair(part)).isFalse();
          streamed.append(part);
          assertThat(tokenizer.decode(ids)).startsWith(streamed.toString());
        }
        assertThat(streamed.append(decoder.flush())).hasToString(tokenizer.decode(ids));
      }
    }
  }

  private static boolean endsInsidePair(String part) {
    return !part.isEmpty()
        && (Character.isHighSurrogate(part.charAt(part.length() - 1))
            || Character.isLowSurrogate(part.charAt(0)));
  }

  @Test
  void unfinishedCharacterBecomesOneReplacementAtTheEnd() {
    Tokenizer tokenizer = model("deepseek_v3");
    Tokenizer.Decoder decoder = tokenizer.decoder();
    byte[] smile = "😀".getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < 3; i++) {
      int id = tokenizer.id(ByteAlphabet.write(new byte[] {smile[i]})).orElseThrow();
      assertThat(decoder.accept(id)).isEmpty();
    }
    assertThat(decoder.flush()).isEqualTo("\uFFFD");
    assertThat(decoder.flush()).isEmpty();
  }

  @Test
  void idsThatStandForNoTokenAddNothing() {
    Tokenizer tokenizer = model("deepseek_v3");
    int[] ids = tokenizer.encode("Hello", false);
    int[] padded = Arrays.copyOf(ids, ids.length + 1);
    padded[ids.length] = 129279;
    assertThat(tokenizer.decode(padded)).isEqualTo("Hello");
    assertThat(tokenizer.text(129279)).isEmpty();
    assertThatThrownBy(() -> tokenizer.decode(-1))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("-1");
  }

  @Test
  void hugeWordsTakeLinearTime() {
    for (Tokenizer tokenizer : models.values()) {
      for (String unit : List.of("a", " ", "<", "\u0001", " \n", "\u4E2D", "1", "'")) {
        String text = unit.repeat((1 << 17) / unit.length());
        Assertions.assertTimeoutPreemptively(
            Duration.ofSeconds(20),
            () -> assertThat(tokenizer.decode(tokenizer.encode(text, true))).isEqualTo(text));
      }
    }
  }

  @Test
  void manyThreadsShareOneTokenizer() {
    Tokenizer tokenizer = model("qwen3");
    List<String> texts = TokenizerResources.randomTexts(11, 200);
    List<int[]> expected = texts.stream().map(text -> tokenizer.encode(text, true)).toList();
    assertThat(
            IntStream.range(0, 2000)
                .parallel()
                .allMatch(i ->
                    Arrays.equals(
                        tokenizer.encode(texts.get(i % 200), true), expected.get(i % 200))))
        .isTrue();
  }
}
