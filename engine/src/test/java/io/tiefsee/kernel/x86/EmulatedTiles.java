package io.tiefsee.kernel.x86;

import static io.tiefsee.kernel.x86.EmulatedProcessor.MEMORY;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** The tile registers of AMX: shapes, contents and what is done with them. */
final class EmulatedTiles {
  private static final int TILES = 8;
  private static final int ROWS = 16;
  private static final int ROW_BYTES = 64;

  private final ByteBuffer[] contents = new ByteBuffer[TILES];
  private final int[] rows = new int[TILES];
  private final int[] columns = new int[TILES];

  EmulatedTiles() {
    release();
  }

  void release() {
    Arrays.setAll(contents, _ -> EmulatedProcessor.vector(ROWS * ROW_BYTES));
    Arrays.fill(rows, 0);
    Arrays.fill(columns, 0);
  }

  void configure(long address) {
    release();
    if (MEMORY.get(JAVA_BYTE, address) != 1) {
      throw new IllegalStateException("not palette 1");
    }
    for (int t = 0; t < TILES; t++) {
      columns[t] = MEMORY.get(JAVA_SHORT_UNALIGNED, address + 16 + 2 * t);
      rows[t] = MEMORY.get(JAVA_BYTE, address + 48 + t);
      if (columns[t] > ROW_BYTES || columns[t] % 4 != 0 || rows[t] > ROWS) {
        throw new IllegalStateException("no such tile: " + rows[t] + " rows of " + columns[t]);
      }
    }
  }

  void zero(int tile) {
    check(tile);
    contents[tile] = EmulatedProcessor.vector(ROWS * ROW_BYTES);
  }

  void load(int tile, long address, long stride) {
    zero(tile);
    for (int i = 0; i < rows[tile]; i++) {
      for (int j = 0; j < columns[tile]; j++) {
        contents[tile].put(i * ROW_BYTES + j, MEMORY.get(JAVA_BYTE, address + i * stride + j));
      }
    }
  }

  void store(int tile, long address, long stride) {
    check(tile);
    for (int i = 0; i < rows[tile]; i++) {
      for (int j = 0; j < columns[tile]; j++) {
        MEMORY.set(JAVA_BYTE, address + i * stride + j, contents[tile].get(i * ROW_BYTES + j));
      }
    }
  }

  /** d[i][j] += Σ s[i][k] · t[k/4][j][k%4]. */
  void multiplySigned(int d, int s, int t) {
    check(d);
    if (d == s || d == t || s == t) {
      throw new IllegalStateException("three tiles, please");
    }
    if (rows[s] != rows[d] || 4 * rows[t] != columns[s] || columns[t] != columns[d]) {
      throw new IllegalStateException("shapes do not fit");
    }
    for (int i = 0; i < rows[d]; i++) {
      for (int j = 0; j < columns[d]; j += 4) {
        int sum = contents[d].getInt(i * ROW_BYTES + j);
        for (int k = 0; k < columns[s]; k++) {
          int other = contents[t].get(k / 4 * ROW_BYTES + j + k % 4);
          sum += contents[s].get(i * ROW_BYTES + k) * other;
        }
        contents[d].putInt(i * ROW_BYTES + j, sum);
      }
    }
  }

  private void check(int tile) {
    if (rows[tile] == 0) {
      throw new IllegalStateException("tile " + tile + " has no shape");
    }
  }
}
