package io.tiefsee.format;

import io.tiefsee.tensor.Layout;
import io.tiefsee.tensor.Matrix;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** The bytes of a tensor on their way into a file, in pieces: a large one never lies in memory. */
@FunctionalInterface
public interface TensorData {
  /** Takes the next piece. */
  @FunctionalInterface
  interface Sink {
    void write(MemorySegment piece) throws IOException;
  }

  /** Hands all pieces to {@code sink}, in order. */
  void writeTo(Sink sink) throws IOException;

  /** The blocks of a matrix as they are, without the scales of FP8. */
  static TensorData of(Matrix w) {
    if (w.layout() != Layout.ROWS) {
      throw new IllegalArgumentException(w.name() + " is in layout " + w.layout());
    }
    return sink -> sink.write(w.data().asSlice(0, w.rowBytes() * w.rows()));
  }
}
