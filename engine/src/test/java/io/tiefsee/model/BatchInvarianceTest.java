package io.tiefsee.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.tiefsee.kernel.Isa;
import io.tiefsee.tensor.QuantType;
import io.tiefsee.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a sequence gives is, bit for bit, the same alone and among others, on any threads. */
class BatchInvarianceTest {
  record Setup(String model, Isa isa, QuantType activations, QuantType kv) {}

  static List<Setup> setups() {
    List<Setup> list = new ArrayList<>();
    for (Isa isa : Isa.values()) {
      if (isa.compareTo(Isa.best()) > 0) {
        continue;
      }
      for (String model :
          List.of(
              "gguf/llama_tiny.Q4_0.gguf",
              "gguf/deepseek_v3_256.Q4_K_M.gguf",
              "gguf/deepseek_v3_256.mixed.gguf",
              "qwen3_tiny_bf16",
              "deepseek_v3_tiny_fp8")) {
        list.add(new Setup(model, isa, QuantType.Q8_ROW, QuantType.F16));
      }
      list.add(new Setup("gguf/llama_tiny.Q5_1.gguf", isa, QuantType.Q8_ROW, QuantType.Q8_0));
      list.add(new Setup("gguf/deepseek_v3_tiny.Q8_0.gguf", isa, QuantType.F32, QuantType.F32));
    }
    return list;
  }

  @ParameterizedTest
  @MethodSource("setups")
  void aSequenceDoesNotSeeTheOthers(Setup s) {
    Path path = Golden.ROOT.resolve(s.model);
    Random random = new Random(7);
    // The scalar kernels are slow: two pages are enough for them.
    boolean slow = s.isa == Isa.SCALAR;
    int[] lengths = slow ? new int[] {1, 2, 7, 70} : new int[] {1, 2, 7, 70, 131};
    try (TestModel m = new TestModel(path, s.isa, 2, s.activations, s.kv)) {
      int[][] sequences = new int[lengths.length][];
      float[][][] alone = new float[lengths.length][][];
      for (int i = 0; i < lengths.length; i++) {
        sequences[i] = random.ints(lengths[i], 0, m.vocab()).toArray();
        alone[i] = m.logits(sequences[i], lengths[i], 40);
      }
      for (int threads : slow ? new int[] {3} : new int[] {1, 2, 3}) {
        try (TestModel n = new TestModel(path, s.isa, threads, s.activations, s.kv)) {
          float[][][] together = together(n, sequences, random);
          for (int i = 0; i < lengths.length; i++) {
            for (int p = 0; p < lengths[i]; p++) {
              assertThat(Arrays.equals(together[i][p], alone[i][p]))
                  .describedAs("%d threads, sequence %d, position %d", threads, i, p)
                  .isTrue();
            }
          }
        }
      }
    }
  }

  /** All sequences in the same batches, each advancing by a random number of tokens a step. */
  private static float[][][] together(TestModel m, int[][] sequences, Random random) {
    float[][][] logits = new float[sequences.length][][];
    int[][] tables = new int[sequences.length][];
    int[] done = new int[sequences.length];
    int page = 1;
    for (int i = 0; i < sequences.length; i++) {
      logits[i] = new float[sequences[i].length][];
      tables[i] = TestModel.table(sequences[i].length, page);
      page += tables[i].length;
    }
    Batch batch = new Batch();
    while (true) {
      batch.clear();
      int[] count = new int[sequences.length];
      for (int i = 0; i < sequences.length; i++) {
        count[i] = Math.min(random.nextInt(40), sequences[i].length - done[i]);
        if (count[i] > 0) {
          TestModel.add(batch, sequences[i], done[i], done[i] + count[i], tables[i]);
        }
      }
      if (batch.size() == 0 && Arrays.equals(done, lengths(sequences))) {
        return logits;
      }
      if (batch.size() == 0) {
        continue;
      }
      Tensor y = m.transformer.forward(batch, m.cache, m.ops);
      float[] all = y.toArray();
      int row = 0;
      for (int i = 0; i < sequences.length; i++) {
        for (int k = 0; k < count[i]; k++, row++) {
          logits[i][done[i]++] = Arrays.copyOfRange(all, row * m.vocab(), (row + 1) * m.vocab());
        }
      }
    }
  }

  private static int[] lengths(int[][] sequences) {
    return Arrays.stream(sequences).mapToInt(s -> s.length).toArray();
  }
}
