package io.tiefsee.kernel.x86;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;

/** A block as the file has it, put together again from a packed record. */
final class Block {
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  final byte[] bytes;

  Block(int size) {
    bytes = new byte[size];
  }

  void clear() {
    Arrays.fill(bytes, (byte) 0);
  }

  void set(int at, int value) {
    bytes[at] = (byte) value;
  }

  void or(int at, int value) {
    bytes[at] |= (byte) value;
  }

  void setInt(int at, int value) {
    for (int i = 0; i < 4; i++) {
      bytes[at + i] = (byte) (value >> 8 * i);
    }
  }

  void copy(MemorySegment packed, long from, int count, int to) {
    MemorySegment.copy(packed, JAVA_BYTE, from, bytes, to, count);
  }

  /** Four vectors of lanes of a row, from {@code vectors} on, become 16 bytes. */
  void copyNibbles(MemorySegment packed, long vectors, int rows, int row, int to) {
    for (int j = 0; j < 4; j++) {
      copy(packed, vectors + 4L * (j * rows + row), 4, to + 4 * j);
    }
  }

  /** The 32-bit lane of a row in the vector at {@code vector}. */
  static int lane(MemorySegment packed, long vector, int row) {
    return packed.get(INT, vector + 4L * row);
  }

  /** Column c of 32 in the four vectors of {@link PackedFormat#nibbles}. */
  static int nibble(MemorySegment packed, long vectors, int rows, int row, int c) {
    int lane = lane(packed, vectors + 4L * (c % 16 / 4) * rows, row);
    return lane >>> 8 * (c % 4) + c / 16 * 4 & 15;
  }

  static int u8(MemorySegment packed, long at) {
    return packed.get(JAVA_BYTE, at) & 0xff;
  }
}
