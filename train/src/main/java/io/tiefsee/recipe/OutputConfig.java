package io.tiefsee.recipe;

import io.tiefsee.kernel.scalar.Quantize;
import io.tiefsee.tensor.BadInput;
import io.tiefsee.tensor.QuantType;

/**
 * Table {@code [output]}: what a run leaves.
 *
 * @param type of the final model's matrices; norms and routers stay f32
 * @param temperature that the final model recommends for sampling, in its metadata
 * @param keep checkpoints of a stage that stay
 * @param checkpointEvery steps between two
 * @param samplesEvery steps between samples that go into the log
 */
public record OutputConfig(
    QuantType type, double temperature, int keep, int checkpointEvery, int samplesEvery) {
  public static final OutputConfig DEFAULTS = new OutputConfig(QuantType.F32, 0.6, 2, 10, 10);

  public OutputConfig {
    if (!Quantize.supports(type)) {
      throw new BadInput("type of the model cannot be written: " + type);
    }
    Limits.within("temperature", temperature, 0, 2);
    Limits.atLeast("keep", keep, 1);
    Limits.atLeast("checkpoint_every", checkpointEvery, 1);
    Limits.atLeast("samples_every", samplesEvery, 1);
  }
}
