package io.tiefsee.recipe;

import io.tiefsee.kernel.Isa;
import io.tiefsee.model.AttentionSpec;
import io.tiefsee.model.FfnSpec;
import io.tiefsee.model.ModelSpec;
import io.tiefsee.model.RopeSpec;
import io.tiefsee.train.AdamW;
import io.tiefsee.train.TrainableModel;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** A tiny model of R1's kind and a game that it can learn in seconds. */
final class Toys {
  static final int VOCAB = 12;
  static final Set<Integer> END = Set.of(1);

  private Toys() {}

  static TrainableModel model(long seed) {
    FfnSpec.Moe moe = new FfnSpec.Moe(4, 2, 24, 24, FfnSpec.Gate.SIGMOID, true, 1.5f, 1, 1);
    ModelSpec spec =
        new ModelSpec(
            "deepseek2",
            "toy",
            32,
            VOCAB,
            512,
            1e-6f,
            new AttentionSpec.Mla(2, 16, 16, 8, 8, 16, 0.25f),
            new RopeSpec(8, 10_000, true, new RopeSpec.None()),
            List.of(new FfnSpec.Dense(48), moe));
    return TrainableModel.random(spec, false, 0.1, seed);
  }

  static Learner learner(TrainableModel model, int threads) {
    AdamW.Config adamW = new AdamW.Config(0.9f, 0.95f, 1e-8f, 0);
    return new Learner(model, new Learner.Options(adamW, 0.001f, 1024), Isa.best(), threads);
  }

  /** Say the last token of the prompt again. */
  record Echo(int token, int length) implements Question {
    @Override
    public String id() {
      return "echo:" + token;
    }

    @Override
    public String text() {
      return "say " + token;
    }

    @Override
    public int[] prompt() {
      int[] prompt = new int[length];
      Arrays.fill(prompt, 2);
      prompt[length - 1] = token;
      return prompt;
    }

    @Override
    public Marks mark(int[] tokens) {
      String said = tokens.length == 0 ? "" : "" + tokens[0];
      return new Marks(said.equals("" + token), tokens.length > 0, said, "", said);
    }
  }

  static Question.Source echoes() {
    return (step, index) -> new Echo(3 + (int) Long.remainderUnsigned(step + index, 3), 3);
  }

  static float[] weights(TrainableModel model) {
    int n = (int) model.parameters().size();
    float[] all = new float[n];
    int[] at = {0};
    model
        .parameters()
        .forEach(p -> {
          float[] values = p.values().toArray(ValueLayout.JAVA_FLOAT);
          System.arraycopy(values, 0, all, at[0], values.length);
          at[0] += values.length;
        });
    return all;
  }
}
