package io.tiefsee.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tiefsee.tensor.BadInput;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Small hand-made tokenizer files: options, broken files, mutated files. */
class TokenizerFilesTest {
  private static final String MODEL =
      """
      "model":{"type":"BPE","vocab":{"a":0,"b":1,"ab":2,"Ġ":3,"abab":4,"A":5},
      "merges":["a b",["ab","ab"]]}\
      """;
  private static final String BYTE_LEVEL =
      "\"pre_tokenizer\":{\"type\":\"ByteLevel\",\"add_prefix_space\":false,\"use_regex\":true},"
          + "\"decoder\":{\"type\":\"ByteLevel\"}";

  @TempDir Path folder;

  private Tokenizer tokenizer(String... members) throws IOException {
    Files.writeString(folder.resolve("tokenizer.json"), "{" + String.join(",", members) + "}");
    return Tokenizer.fromHuggingFace(folder);
  }

  private static String added(int id, String content, String flags) {
    return "{\"id\":" + id + ",\"content\":\"" + content + "\"" + flags + "}";
  }

  @Test
  void mergesOfBothNotationsApply() throws IOException {
    Tokenizer tokenizer = tokenizer(MODEL, BYTE_LEVEL);
    assertThat(tokenizer.encode("ababab a", true)).containsExactly(4, 2, 3, 0);
    assertThat(tokenizer.decode(4, 2, 3, 0)).isEqualTo("ababab a");
    assertThat(tokenizer.text(3)).isEqualTo("Ġ");
    assertThat(tokenizer.bytes(new int[] {3, 0})).isEqualTo(" a".getBytes(StandardCharsets.UTF_8));
    // A byte the vocabulary lacks is left out, as the reference does.
    assertThat(tokenizer.encode("azb", true)).containsExactly(2);
  }

  @Test
  void prefixSpaceComesBeforeTheFirstWord() throws IOException {
    String prefix = "\"pre_tokenizer\":{\"type\":\"ByteLevel\",\"add_prefix_space\":true}";
    assertThat(tokenizer(MODEL, prefix).encode("ab", true)).containsExactly(3, 2);
    assertThat(tokenizer(MODEL, prefix).encode(" ab", true)).containsExactly(3, 2);
  }

  @Test
  void flagsOfAddedTokensAreHonoured() throws IOException {
    Tokenizer tokenizer =
        tokenizer(
            MODEL,
            BYTE_LEVEL,
            "\"added_tokens\":["
                + added(10, "<l>", ",\"lstrip\":true,\"special\":true")
                + ","
                + added(11, "<r>", ",\"rstrip\":true")
                + ","
                + added(12, "w", ",\"single_word\":true")
                + ","
                + added(13, "<l><r>", "")
                + "]");
    assertThat(tokenizer.encode("a  <l> b", true)).containsExactly(0, 10, 3, 1);
    assertThat(tokenizer.encode("a <r>  b", true)).containsExactly(0, 3, 11, 1);
    assertThat(tokenizer.encode("w aw wa w", true)).containsExactly(12, 3, 0, 3, 0, 3, 12);
    assertThat(tokenizer.encode("<l><r>", true)).as("the longest").containsExactly(13);
    assertThat(tokenizer.encode("<l>", false)).isEmpty();
    assertThat(tokenizer.isSpecial(10)).isTrue();
    assertThat(tokenizer.isSpecial(11)).isFalse();
    assertThat(tokenizer.vocabSize()).isEqualTo(14);
  }

  @Test
  void normalizedTokensAreSoughtInNormalisedText() throws IOException {
    Tokenizer tokenizer =
        tokenizer(
            MODEL,
            BYTE_LEVEL,
            "\"normalizer\":{\"type\":\"Lowercase\"}",
            "\"added_tokens\":["
                + added(10, "<X>", ",\"normalized\":true")
                + ","
                + added(11, "<Y>", ",\"normalized\":false")
                + "]");
    assertThat(tokenizer.encode("A<x>B<X><Y><y>", true)).containsExactly(0, 10, 1, 10, 11);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "{'type':'NFC'} | e\u0301 | \u00E9",
        "{'type':'NFKD'} | \u2163 | IV",
        "{'type':'Prepend','prepend':'_'} | ab | _ab",
        "{'type':'Replace','pattern':{'String':'.'},'content':'$1'} | a.b | a$1b",
        "{'type':'Replace','pattern':{'Regex':'b+'},'content':'x'} | abbc | axc",
        "{'type':'Sequence','normalizers':[{'type':'Strip','strip_right':false},{'type':'Lowercase'}]}"
            + " | \"  A\u03A3 \" | \"a\u03C3 \""
      })
  void normalizers(String json, String text, String normal) {
    TextNormalizer normalizer =
        HuggingFaceSteps.normalizer(TokenizerResources.JSON.readTree(json.replace('\'', '"')));
    assertThat(normalizer.apply(text)).isEqualTo(normal);
  }

  @Test
  void sentencePieceFoldersFallBackToBytes() throws IOException {
    Tokenizer tokenizer =
        tokenizer(
            "\"model\":{\"type\":\"BPE\",\"byte_fallback\":true,\"unk_token\":\"<unk>\",\"vocab\":"
                + sentencePieceVocabulary()
                + ",\"merges\":[\"▁ a\",\"▁a b\"]}",
            "\"normalizer\":{\"type\":\"Sequence\",\"normalizers\":[{\"type\":\"Prepend\","
                + "\"prepend\":\"▁\"},{\"type\":\"Replace\",\"pattern\":{\"String\":\" \"},"
                + "\"content\":\"▁\"}]}",
            "\"decoder\":{\"type\":\"Sequence\",\"decoders\":[{\"type\":\"Replace\"},"
                + "{\"type\":\"ByteFallback\"},{\"type\":\"Fuse\"},{\"type\":\"Strip\","
                + "\"content\":\" \",\"start\":1,\"stop\":0}]}");
    checkSentencePiece(tokenizer);
  }

  private static String sentencePieceVocabulary() {
    StringBuilder json = new StringBuilder("{\"<unk>\":0");
    for (int b = 0; b < 256; b++) {
      json.append(String.format(",\"<0x%02X>\":%d", b, b + 1));
    }
    return json.append(",\"a\":257,\"b\":258,\"▁\":259,\"▁a\":260,\"▁ab\":261}").toString();
  }

  @Test
  void sentencePieceGgufJoinsByScore() {
    String[] tokens = new String[262];
    float[] scores = new float[262];
    int[] types = new int[262];
    tokens[0] = "<unk>";
    types[0] = 2;
    for (int b = 0; b < 256; b++) {
      tokens[b + 1] = String.format("<0x%02X>", b);
      types[b + 1] = 6;
    }
    List<String> words = List.of("a", "b", "▁", "▁a", "▁ab");
    for (int i = 0; i < words.size(); i++) {
      tokens[257 + i] = words.get(i);
      scores[257 + i] = -i;
      types[257 + i] = 1;
    }
    Tokenizer tokenizer =
        Tokenizer.fromGguf(
            Map.of(
                "tokenizer.ggml.model", "llama",
                "tokenizer.ggml.tokens", tokens,
                "tokenizer.ggml.scores", scores,
                "tokenizer.ggml.token_type", types));
    checkSentencePiece(tokenizer);
    assertThat(tokenizer.addBos()).isTrue();
  }

  private static void checkSentencePiece(Tokenizer tokenizer) {
    assertThat(tokenizer.encode("ab a", true)).containsExactly(261, 260);
    assertThat(tokenizer.encode("é", true)).containsExactly(259, 0xC3 + 1, 0xA9 + 1);
    assertThat(tokenizer.decode(261, 260, 0xC3 + 1, 0xA9 + 1)).isEqualTo("ab aé");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "{ | not valid JSON",
        "[] | expected an object",
        "{} | no vocabulary",
        "{'model':{'type':'Unigram','vocab':[]}} | 'Unigram'",
        "{'model':{'vocab':{'a':0,'b':0}}} | id 0",
        "{'model':{'vocab':{'a':0,'a':1}}} | both ids",
        "{'model':{'vocab':{'a':-1}}} | impossible id",
        "{'model':{'vocab':{'a':99999999999}}} | impossible id",
        "{'model':{'vocab':{'a':'x'}}} | expected a token id",
        "{'model':{'vocab':{'a':0},'merges':['a b']}} | 'b', which is not in the vocabulary",
        "{'model':{'vocab':{'a':0},'merges':['a a']}} | 'aa', which is not in the vocabulary",
        "{'model':{'vocab':{'a':0},'merges':['a']}} | merge of two tokens",
        "{'model':{'vocab':{'a':0},'merges':[['a']]}} | merge of two tokens",
        "{'model':{'vocab':{'a':0}},'pre_tokenizer':{'type':'Odd'}} | 'Odd'",
        "{'model':{'vocab':{'a':0}},'normalizer':{'type':'Odd'}} | 'Odd'",
        "{'model':{'vocab':{'a':0}},'decoder':{'type':'Odd'}} | 'Odd'",
        "{'model':{'vocab':{'a':0}},'added_tokens':[{'id':3,'content':'a'}]} | both ids",
        "{'model':{'vocab':{'a':0}},'added_tokens':[{'id':0,'content':'b'}]} | id 0",
        "{'model':{'vocab':{'a':0}},'pre_tokenizer':{'type':'Split','behavior':'Isolated',"
            + "'pattern':{'Regex':'(('}}} | (("
      })
  void brokenFilesAreNamed(String json, String message) throws IOException {
    Files.writeString(folder.resolve("tokenizer.json"), json.replace('\'', '"'));
    assertThatThrownBy(() -> Tokenizer.fromHuggingFace(folder))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining(message)
        .hasMessageNotContaining("\n");
  }

  @Test
  void missingFileIsNamed() {
    assertThatThrownBy(() -> Tokenizer.fromHuggingFace(folder.resolve("nowhere")))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("no tokenizer.json");
  }

  @ParameterizedTest
  @ValueSource(strings = {"model", "tokens", "merges", "token_type", "pre", "bos_token_id"})
  void wrongTypesInGgufAreNamed(String key) {
    Map<String, Object> metadata = TokenizerResources.gguf("llama_tiny");
    metadata.put("tokenizer.ggml." + key, Map.of());
    assertThatThrownBy(() -> Tokenizer.fromGguf(metadata))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining(key);
  }

  @Test
  void unknownKindsInGgufAreNamed() {
    Map<String, Object> metadata = TokenizerResources.gguf("llama_tiny");
    metadata.put("tokenizer.ggml.pre", "no-such");
    assertThatThrownBy(() -> Tokenizer.fromGguf(metadata))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("'no-such'");
    metadata.put("tokenizer.ggml.model", "bert");
    assertThatThrownBy(() -> Tokenizer.fromGguf(metadata))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("'bert'");
    assertThatThrownBy(() -> Tokenizer.fromGguf(Map.of()))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("no tokenizer");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "default",
        "gpt-2",
        "llama-bpe",
        "qwen2",
        "qwen35",
        "smollm",
        "deepseek-llm",
        "falcon",
        "deepseek-coder",
        "deepseek-v3",
        "deepseek-r1-qwen",
        "gpt-4o",
        "tekken",
        "dbrx"
      })
  void everyPreTokenizerKeepsTheText(String pre) {
    Map<String, Object> metadata = TokenizerResources.gguf("llama_tiny");
    metadata.put("tokenizer.ggml.pre", pre);
    Tokenizer tokenizer = Tokenizer.fromGguf(metadata);
    for (String text : TokenizerResources.randomTexts(2, 200)) {
      String composed =
          pre.contains("qwen") ? Normalizer.normalize(text, Normalizer.Form.NFC) : text;
      assertThat(tokenizer.decode(tokenizer.encode(text, false))).isEqualTo(composed);
    }
  }

  @Test
  void deepSeekLlmCutsAtItsOwnClasses() {
    String text = "Hi you, 漢字123 a  \n";
    StringBuilder pieces = new StringBuilder();
    GgufPreTokenizers.of("deepseek-llm")
        .preTokenizer()
        .split(
            text.toCharArray(),
            0,
            text.length(),
            (chars, from, to) -> pieces.append(chars, from, to - from).append('|'));
    assertThat(pieces).hasToString("Hi| you|,| |漢字|123| a|  |\n|");
  }

  @Test
  void mutatedTokenizerJsonIsReadOrRefused() throws IOException {
    String valid =
        "{"
            + String.join(
                ",",
                MODEL,
                "\"normalizer\":{\"type\":\"NFC\"}",
                "\"pre_tokenizer\":{\"type\":\"Sequence\",\"pretokenizers\":[{\"type\":\"Split\","
                    + "\"pattern\":{\"Regex\":\"\\\\p{N}{1,3}\"},\"behavior\":\"Isolated\"},"
                    + "{\"type\":\"ByteLevel\",\"add_prefix_space\":false}]}",
                "\"added_tokens\":[" + added(6, "<x>", ",\"special\":true") + "]",
                "\"decoder\":{\"type\":\"ByteLevel\"}")
            + "}";
    Random random = new Random(17);
    int read = 0;
    for (int i = 0; i < 1000; i++) {
      byte[] bytes = valid.getBytes(StandardCharsets.UTF_8);
      for (int n = 1 + random.nextInt(3); n > 0; n--) {
        int at = random.nextInt(bytes.length);
        bytes[at] =
            random.nextBoolean()
                ? (byte) "{}[]\",:0123456789-abtruefalsn\\".charAt(random.nextInt(30))
                : (byte) random.nextInt(256);
      }
      int length = random.nextInt(10) == 0 ? random.nextInt(bytes.length) : bytes.length;
      Files.write(folder.resolve("tokenizer.json"), Arrays.copyOf(bytes, length));
      try {
        Tokenizer tokenizer = Tokenizer.fromHuggingFace(folder);
        tokenizer.decode(tokenizer.encode("ab <x> 123\u00E9", true));
        read++;
      } catch (BadInput expected) {
        assertThat(expected.getMessage()).isNotBlank().doesNotContain("\n");
      }
    }
    assertThat(read).isBetween(1, 999);
  }

  @Test
  void mutatedGgufMetadataIsReadOrRefused() {
    Random random = new Random(23);
    Object[] odd = {
      "x",
      "",
      -1L,
      1L << 40,
      Long.MIN_VALUE,
      0.5f,
      true,
      new int[] {1, 2},
      new String[] {"a", "a"},
      new String[0],
      new float[] {Float.NaN},
      List.of("a", "b"),
      List.of(1, "b"),
      Map.of()
    };
    List<String> keys = List.copyOf(TokenizerResources.gguf("llama_tiny").keySet());
    Map<String, Object> valid = TokenizerResources.gguf("llama_tiny");
    for (int i = 0; i < 1000; i++) {
      Map<String, Object> metadata = new HashMap<>(valid);
      for (int n = 1 + random.nextInt(3); n > 0; n--) {
        String key = keys.get(random.nextInt(keys.size()));
        if (random.nextInt(3) == 0
            && metadata.get(key) instanceof String[] texts
            && texts.length > 0) {
          String[] changed = texts.clone();
          changed[random.nextInt(changed.length)] = List.of("", " ", "a", "a b", "zz zz").get(n);
          metadata.put(key, changed);
        } else if (random.nextInt(6) == 0) {
          metadata.remove(key);
        } else {
          metadata.put(key, odd[random.nextInt(odd.length)]);
        }
      }
      try {
        Tokenizer tokenizer = Tokenizer.fromGguf(metadata);
        tokenizer.decode(tokenizer.encode("Hello 123 \u00E9", true));
      } catch (BadInput expected) {
        assertThat(expected.getMessage()).isNotBlank().doesNotContain("\n");
      }
    }
  }
}
