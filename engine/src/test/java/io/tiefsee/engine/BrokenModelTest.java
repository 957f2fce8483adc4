package io.tiefsee.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tiefsee.model.Golden;
import io.tiefsee.tensor.BadInput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole models with broken headers: one clear line or a model that answers, never a crash. */
@Timeout(120)
class BrokenModelTest {
  @TempDir Path folder;

  private Path write(byte[] bytes) throws IOException {
    return Files.write(folder.resolve("broken.gguf"), bytes);
  }

  private static byte[] read(String model) throws IOException {
    return Files.readAllBytes(Golden.ROOT.resolve("gguf/" + model));
  }

  private static int indexOf(byte[] bytes, String text) {
    byte[] t = text.getBytes(StandardCharsets.UTF_8);
    outer:
    for (int i = 0; i < bytes.length - t.length; i++) {
      for (int k = 0; k < t.length; k++) {
        if (bytes[i + k] != t[k]) {
          continue outer;
        }
      }
      return i;
    }
    throw new AssertionError(text + " is not in the file");
  }

  /** Opens and, where it opens, runs a few tokens. */
  private void tryOut(Path model) throws InterruptedException {
    EngineOptions options = EngineOptions.defaults().withThreads(1).withContextLength(64);
    try (Engine engine = Engine.open(model, options)) {
      int[] prompt = {1, 2, engine.spec().vocab() - 1};
      engine.submit(prompt, SamplingParams.GREEDY.toBuilder().maxTokens(2).build()).await();
    } catch (BadInput e) {
      assertThat(e.getMessage()).isNotBlank().doesNotContain("\n");
    } catch (IllegalStateException e) {
      // Weights that turned into infinities are a matter of the answer, not of the file.
      assertThat(e.getMessage()).contains("not numbers");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama_tiny.Q4_0.gguf", "deepseek_v3_tiny.Q8_0.gguf"})
  void mutatedHeadersNeverCrash(String name) throws Exception {
    byte[] good = read(name);
    int header = indexOf(good, "output_norm.weight") + 4000;
    Random random = new Random(11);
    for (int i = 0; i < 250; i++) {
      byte[] bad = good.clone();
      for (int k = random.nextInt(3); k >= 0; k--) {
        // Most of a header is vocabulary: aim at its beginning and its end as well.
        int at =
            switch (random.nextInt(3)) {
              case 0 -> random.nextInt(1800);
              case 1 -> header - 1 - random.nextInt(5000);
              default -> random.nextInt(header);
            };
        bad[at] =
            (byte) (random.nextBoolean() ? random.nextInt() : bad[at] ^ 1 << random.nextInt(8));
      }
      tryOut(write(bad));
    }
  }

  @Test
  void aNumberThatMakesNoSenseIsNamed() throws IOException {
    byte[] bytes = read("llama_tiny.Q4_0.gguf");
    ByteBuffer b = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int at = indexOf(bytes, "llama.embedding_length") + "llama.embedding_length".length() + 4;
    b.putInt(at, 0);
    assertThatThrownBy(() -> Engine.open(write(bytes)))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("llama.embedding_length");
    b.putInt(at, 256);
    assertThatThrownBy(() -> Engine.open(write(bytes)))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("token_embd.weight")
        .hasMessageContaining("256");
  }

  @Test
  void anUnknownArchitectureIsNamed() throws IOException {
    byte[] bytes = read("llama_tiny.Q4_0.gguf");
    bytes[indexOf(bytes, "general.architecture") + "general.architecture".length() + 12] = 'x';
    assertThatThrownBy(() -> Engine.open(write(bytes)))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("xlama")
        .hasMessageContaining("qwen2");
  }

  @Test
  void aVocabularyOfAnotherModelIsNoticed() throws IOException {
    Path model = folder.resolve("mixed");
    Files.createDirectories(model);
    for (String f : new String[] {"config.json", "model.safetensors"}) {
      Files.copy(Golden.ROOT.resolve("qwen2_tiny").resolve(f), model.resolve(f));
    }
    StringBuilder vocab =
        new StringBuilder("{\"model\":{\"type\":\"BPE\",\"merges\":[],\"vocab\":{");
    for (int i = 0; i < 600; i++) {
      vocab.append(i == 0 ? "" : ",").append("\"t").append(i).append("\":").append(i);
    }
    Files.writeString(
        model.resolve("tokenizer.json"),
        vocab
            + "}},\"added_tokens\":[],\"pre_tokenizer\":{\"type\":\"ByteLevel\","
            + "\"add_prefix_space\":false,\"use_regex\":true},"
            + "\"decoder\":{\"type\":\"ByteLevel\"}}");
    assertThatThrownBy(() -> Engine.open(model))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("600")
        .hasMessageContaining("512");
  }
}
