package io.tiefsee.kernel.x86;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Registers, memory and the decoding of operands: what all emulated instructions share. */
abstract sealed class EmulatedProcessor permits EmulatedGeneral {
  static final MemorySegment MEMORY = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
  static final int RSP = 4;

  final long[] reg = new long[16];
  final ByteBuffer[] vec = new ByteBuffer[32];
  final long[] mask = new long[8];
  long rip;
  boolean zero;
  boolean sign;
  boolean overflow;
  boolean carry;

  // The instruction at hand.
  boolean evex;
  int map;
  int prefix;
  boolean wide;
  int opcode;
  int bytes;
  int regNumber;
  int vvvv;
  int rm;
  boolean inMemory;
  long address;

  /** What the index register adds to the address; to a tile in memory, from row to row. */
  long stride;

  boolean broadcast;
  int writeMask;

  // Prefix bits that extend the numbers of registers.
  int r;
  int x;
  int b;

  EmulatedProcessor() {
    for (int i = 0; i < vec.length; i++) {
      vec[i] = vector(64);
    }
  }

  // ---- Decoding ----

  void vex(int first) {
    int p = u8();
    r = ~p >> 4 & 8;
    map = 1;
    wide = false;
    if (first == 0xC4) {
      x = ~p >> 3 & 8;
      b = ~p >> 2 & 8;
      map = p & 31;
      p = u8();
      wide = p >> 7 != 0;
    }
    vvvv = ~p >> 3 & 15;
    bytes = (p & 4) != 0 ? 32 : 16;
    prefix = p & 3;
  }

  void evex() {
    evex = true;
    int p = u8();
    r = (~p >> 4 & 8) | (~p & 16);
    x = ~p >> 3 & 8;
    b = ~p >> 2 & 8;
    map = p & 3;
    p = u8();
    wide = p >> 7 != 0;
    vvvv = ~p >> 3 & 15;
    prefix = p & 3;
    p = u8();
    vvvv |= ~p << 1 & 16;
    bytes = 16 << (p >> 5 & 3);
    broadcast = (p & 16) != 0;
    writeMask = p & 7;
    if ((p & 128) != 0) {
      throw new IllegalStateException("zeroing is not emulated");
    }
  }

  /**
   * ModRM, SIB and displacement.
   *
   * @param unit bytes per step of an 8-bit displacement
   * @param immediates bytes that follow
   */
  void modrm(int unit, int immediates) {
    int m = u8();
    regNumber = m >> 3 & 7 | r;
    int mod = m >> 6;
    int low = m & 7;
    inMemory = mod != 3;
    if (!inMemory) {
      rm = low | b | (evex ? x << 1 : 0);
      return;
    }
    if (mod == 0 && low == 5) {
      int disp = i32();
      address = rip + immediates + disp;
      return;
    }
    long base;
    if (low == 4) {
      int sib = u8();
      int index = sib >> 3 & 7 | x;
      base = reg[sib & 7 | b];
      stride = index == 4 ? 0 : reg[index] << (sib >> 6);
      base += stride;
      if ((sib & 7) == 5 && mod == 0) {
        throw new IllegalStateException("an address without base is not emulated");
      }
    } else {
      base = reg[low | b];
    }
    address = base + (mod == 1 ? (long) (byte) u8() * unit : mod == 2 ? i32() : 0);
  }

  /** A whole vector, or one element of four bytes that is broadcast. */
  void full(int immediates) {
    modrm(!evex ? 1 : broadcast ? 4 : bytes, immediates);
  }

  void part(int size) {
    modrm(evex ? size : 1, 0);
  }

  // ---- Vectors ----

  static ByteBuffer vector(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  ByteBuffer copy(int from, int size) {
    return vector(size).put(0, vec[from], 0, size);
  }

  /** The last operand. */
  ByteBuffer operand(int size) {
    if (!inMemory) {
      return copy(rm, size);
    }
    ByteBuffer value = vector(size);
    for (int i = 0; i < size; i++) {
      value.put(i, MEMORY.get(JAVA_BYTE, address + (broadcast ? i % 4 : i)));
    }
    return value;
  }

  void write(int to, ByteBuffer value) {
    if (writeMask != 0) {
      throw new IllegalStateException("a mask on a register is not emulated");
    }
    clear(to, 0);
    vec[to].put(0, value, 0, value.capacity());
  }

  void clear(int to, int from) {
    for (int i = from; i < 64; i++) {
      vec[to].put(i, (byte) 0);
    }
  }

  void store(int size) {
    for (int i = 0; i < size; i++) {
      if (writeMask == 0 || (mask[writeMask] >> i / 4 & 1) != 0) {
        MEMORY.set(JAVA_BYTE, address + i, vec[regNumber].get(i));
      }
    }
  }

  // ---- Memory ----

  void push(long value) {
    reg[RSP] -= 8;
    MEMORY.set(JAVA_LONG_UNALIGNED, reg[RSP], value);
  }

  long pop() {
    long value = MEMORY.get(JAVA_LONG_UNALIGNED, reg[RSP]);
    reg[RSP] += 8;
    return value;
  }

  int u8() {
    return MEMORY.get(JAVA_BYTE, rip++) & 0xff;
  }

  int i32() {
    int value = MEMORY.get(JAVA_INT_UNALIGNED, rip);
    rip += 4;
    return value;
  }
}
