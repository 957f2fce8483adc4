package io.tiefsee.kernel.vector;

import io.tiefsee.kernel.KernelTable;
import java.util.List;
import java.util.Optional;

/** The table of the Vector API kernels. */
public final class VectorApi {
  private VectorApi() {}

  public static KernelTable table() {
    return KernelTable.of(List.of(), List.of(), Optional.empty(), List.of());
  }
}
