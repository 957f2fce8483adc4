package io.tiefsee.kernel.x86;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Runs machine code instruction by instruction: decodes the bytes (legacy, VEX and EVEX prefixes,
 * with compressed displacements) and does in Java what the manual says, for as much of x86-64 as
 * the product kernels use. Whatever it does not know is an error. So code for AVX-512 is tested on
 * machines without it; code for AVX2, which can run on both, tests the emulator.
 *
 * <p>Memory is the real one. Not thread-safe.
 */
final class Emulator implements Callable {
  private static final MemorySegment MEMORY = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
  private static final int STACK = 4096;
  private static final int RSP = 4;
  private static final long RETURN = -1;

  private final Arena arena = Arena.ofAuto();
  private final MemorySegment code;
  private final long[] reg = new long[16];
  private final ByteBuffer[] vec = new ByteBuffer[32];
  private final long[] mask = new long[8];
  private long rip;
  private boolean zero;
  private boolean sign;
  private boolean overflow;
  private boolean carry;

  // The instruction at hand.
  private boolean evex;
  private int map;
  private int prefix;
  private boolean wide;
  private int opcode;
  private int bytes;
  private int regNumber;
  private int vvvv;
  private int rm;
  private boolean inMemory;
  private long address;
  private boolean broadcast;
  private int writeMask;

  // Prefix bits that extend the numbers of registers.
  private int r;
  private int x;
  private int b;

  Emulator(Assembler a) {
    byte[] assembled = a.assemble();
    code = arena.allocate(assembled.length, 64).copyFrom(MemorySegment.ofArray(assembled));
    for (int i = 0; i < vec.length; i++) {
      vec[i] = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
    }
  }

  @Override
  public void call(long a, long b, long c, long d, long e, long f) {
    MemorySegment stack = arena.allocate(STACK, 16);
    reg[RSP] = stack.address() + STACK - 128;
    boolean windows = Abi.host() == Abi.WIN64;
    int[] places = windows ? new int[] {1, 2, 8, 9} : new int[] {7, 6, 2, 1, 8, 9};
    long[] arguments = {a, b, c, d, e, f};
    for (int i = 0; i < arguments.length; i++) {
      if (i < places.length) {
        reg[places[i]] = arguments[i];
      } else {
        MEMORY.set(JAVA_LONG_UNALIGNED, reg[RSP] + 32 + 8L * (i - places.length), arguments[i]);
      }
    }
    push(RETURN);
    rip = code.address();
    while (rip != RETURN) {
      step();
    }
  }

  private void step() {
    long start = rip;
    int first = u8();
    evex = false;
    broadcast = false;
    writeMask = 0;
    prefix = 0;
    r = 0;
    x = 0;
    b = 0;
    if (first == 0xC5 || first == 0xC4) {
      vex(first);
    } else if (first == 0x62) {
      evex();
    } else {
      legacy(first);
      return;
    }
    opcode = u8();
    if (map == 1 && opcode == 0x77) {
      for (int i = 0; i < 16; i++) {
        clear(i, 16);
      }
      return;
    }
    boolean known = map == 1 ? map0f() : map == 2 ? map38() : map3a();
    if (!known) {
      throw new IllegalStateException(
          "unknown instruction %x of map %d at %x".formatted(opcode, map, start - code.address()));
    }
  }

  // ---- Decoding ----

  private void vex(int first) {
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

  private void evex() {
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
  private void modrm(int unit, int immediates) {
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
      if (index != 4) {
        base += reg[index] << (sib >> 6);
      }
      if ((sib & 7) == 5 && mod == 0) {
        throw new IllegalStateException("an address without base is not emulated");
      }
    } else {
      base = reg[low | b];
    }
    address = base + (mod == 1 ? (long) (byte) u8() * unit : mod == 2 ? i32() : 0);
  }

  /** A whole vector, or one element of four bytes that is broadcast. */
  private void full(int immediates) {
    modrm(!evex ? 1 : broadcast ? 4 : bytes, immediates);
  }

  private void part(int size) {
    modrm(evex ? size : 1, 0);
  }

  // ---- Vector instructions ----

  private boolean map0f() {
    int key = prefix << 8 | opcode;
    switch (key) {
      case 0x10, 0x28, 0x16F, 0x26F -> {
        full(0);
        write(regNumber, operand(bytes));
      }
      case 0x11, 0x29, 0x17F, 0x27F -> {
        full(0);
        store(bytes);
      }
      case 0x210, 0x16E -> {
        part(4);
        int value = inMemory ? MEMORY.get(JAVA_INT_UNALIGNED, address) : (int) reg[rm];
        write(regNumber, vector(16).putInt(0, value));
      }
      case 0x211, 0x17E -> {
        part(4);
        MEMORY.set(JAVA_INT_UNALIGNED, address, vec[regNumber].getInt(0));
      }
      case 0x92 -> {
        part(4);
        mask[regNumber] = reg[rm] & 0xffff;
      }
      case 0x171, 0x172 -> shift();
      case 0x59, 0x57, 0x5B, 0x259 -> floats(key);
      case 0x1F5, 0x1FD, 0x1F9, 0x1FE, 0x1FA, 0x1FC, 0x1F8, 0x1DB, 0x1EB, 0x1EF -> {
        full(0);
        integers(opcode);
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  private void shift() {
    full(1);
    int count = u8();
    ByteBuffer d = vector(bytes);
    ByteBuffer s = vec[rm];
    for (int i = 0; i < bytes; i += opcode == 0x71 ? 2 : 4) {
      if (opcode == 0x71) {
        int v = s.getShort(i) & 0xffff;
        d.putShort(i, (short) ((regNumber & 7) == 6 ? v << count : v >>> count));
      } else {
        int v = s.getInt(i);
        d.putInt(
            i,
            switch (regNumber & 7) {
              case 2 -> v >>> count;
              case 4 -> v >> count;
              case 6 -> v << count;
              default -> throw new IllegalStateException("shift " + regNumber);
            });
      }
    }
    write(vvvv, d);
  }

  private void floats(int key) {
    if (key == 0x259) {
      part(4);
      ByteBuffer d = copy(vvvv, 16);
      write(regNumber, d.putFloat(0, d.getFloat(0) * operand(4).getFloat(0)));
      return;
    }
    full(0);
    ByteBuffer t = operand(bytes);
    ByteBuffer d = vector(bytes);
    for (int i = 0; i < bytes; i += 4) {
      switch (key) {
        case 0x59 -> d.putFloat(i, vec[vvvv].getFloat(i) * t.getFloat(i));
        case 0x5B -> d.putFloat(i, t.getInt(i));
        default -> d.putInt(i, vec[vvvv].getInt(i) ^ t.getInt(i));
      }
    }
    write(regNumber, d);
  }

  private void integers(int operation) {
    ByteBuffer s = vec[vvvv];
    ByteBuffer t = operand(bytes);
    ByteBuffer d = vector(bytes);
    for (int i = 0; i < bytes; i += 4) {
      int p = s.getInt(i);
      int q = t.getInt(i);
      int low = (short) p;
      int high = p >> 16;
      int low2 = (short) q;
      int high2 = q >> 16;
      d.putInt(
          i,
          switch (operation) {
            case 0xF5 -> low * low2 + high * high2;
            case 0xFD -> low + low2 & 0xffff | high + high2 << 16;
            case 0xF9 -> low - low2 & 0xffff | high - high2 << 16;
            case 0xFE -> p + q;
            case 0xFA -> p - q;
            case 0xDB -> p & q;
            case 0xEB -> p | q;
            case 0xEF -> p ^ q;
            default -> throw new IllegalStateException("integer operation " + operation);
          });
    }
    write(regNumber, d);
  }

  private boolean map38() {
    switch (prefix << 8 | opcode) {
      case 0x1A8, 0x1B8, 0x1BC -> {
        full(0);
        ByteBuffer t = operand(bytes);
        ByteBuffer d = copy(regNumber, bytes);
        for (int i = 0; i < bytes; i += 4) {
          float own = d.getFloat(i);
          float s = vec[vvvv].getFloat(i);
          float last = t.getFloat(i);
          d.putFloat(
              i,
              opcode == 0xA8
                  ? Math.fma(s, own, last)
                  : Math.fma(opcode == 0xBC ? -s : s, last, own));
        }
        write(regNumber, d);
      }
      case 0x100, 0x104, 0x108, 0x11C -> {
        full(0);
        bytesOperation();
      }
      case 0x113, 0x121, 0x131 -> widen();
      case 0x118, 0x158 -> {
        part(4);
        int value = operand(4).getInt(0);
        ByteBuffer d = vector(bytes);
        for (int i = 0; i < bytes; i += 4) {
          d.putInt(i, value);
        }
        write(regNumber, d);
      }
      case 0x12E -> {
        part(4);
        for (int i = 0; i < bytes; i += 4) {
          if (vec[vvvv].getInt(i) < 0) {
            MEMORY.set(JAVA_INT_UNALIGNED, address + i, vec[regNumber].getInt(i));
          }
        }
      }
      case 0x150 -> {
        full(0);
        ByteBuffer t = operand(bytes);
        ByteBuffer d = copy(regNumber, bytes);
        for (int i = 0; i < bytes; i++) {
          int product = (vec[vvvv].get(i) & 0xff) * t.get(i);
          d.putInt(i & -4, d.getInt(i & -4) + product);
        }
        write(regNumber, d);
      }
      case 0xF5 -> {
        modrm(1, 0);
        int from = (int) (reg[vvvv] & 0xff);
        long value = reg[rm] & 0xffffffffL;
        reg[regNumber] = from < 32 ? value & (1L << from) - 1 : value;
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  private void bytesOperation() {
    ByteBuffer s = vec[vvvv];
    ByteBuffer t = operand(bytes);
    ByteBuffer d = vector(bytes);
    for (int i = 0; i < bytes; i++) {
      switch (opcode) {
        case 0x00 -> d.put(i, t.get(i) < 0 ? 0 : s.get((i & -16) + (t.get(i) & 15)));
        case 0x04 -> {
          if (i % 2 == 0) {
            int sum = (s.get(i) & 0xff) * t.get(i) + (s.get(i + 1) & 0xff) * t.get(i + 1);
            d.putShort(i, (short) Math.clamp(sum, Short.MIN_VALUE, Short.MAX_VALUE));
          }
        }
        case 0x08 -> d.put(i, (byte) (Integer.signum(t.get(i)) * s.get(i)));
        default -> d.put(i, (byte) Math.abs(t.get(i)));
      }
    }
    write(regNumber, d);
  }

  private void widen() {
    int size = opcode == 0x13 ? 2 : 1;
    part(bytes / 4 * size);
    ByteBuffer t = operand(bytes / 4 * size);
    ByteBuffer d = vector(bytes);
    for (int i = 0; i < bytes / 4; i++) {
      switch (opcode) {
        case 0x13 -> d.putFloat(4 * i, Float.float16ToFloat(t.getShort(2 * i)));
        case 0x21 -> d.putInt(4 * i, t.get(i));
        default -> d.putInt(4 * i, t.get(i) & 0xff);
      }
    }
    write(regNumber, d);
  }

  private boolean map3a() {
    if (prefix != 1 || opcode != 0x0E) {
      return false;
    }
    full(1);
    ByteBuffer t = operand(bytes);
    int choice = u8();
    ByteBuffer d = copy(vvvv, bytes);
    for (int i = 0; i < bytes; i += 2) {
      if ((choice >> i / 2 % 8 & 1) != 0) {
        d.putShort(i, t.getShort(i));
      }
    }
    write(regNumber, d);
    return true;
  }

  private static ByteBuffer vector(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  private ByteBuffer copy(int from, int size) {
    return vector(size).put(0, vec[from], 0, size);
  }

  /** The last operand. */
  private ByteBuffer operand(int size) {
    if (!inMemory) {
      return copy(rm, size);
    }
    ByteBuffer value = vector(size);
    for (int i = 0; i < size; i++) {
      value.put(i, MEMORY.get(JAVA_BYTE, address + (broadcast ? i % 4 : i)));
    }
    return value;
  }

  private void write(int to, ByteBuffer value) {
    if (writeMask != 0) {
      throw new IllegalStateException("a mask on a register is not emulated");
    }
    clear(to, 0);
    vec[to].put(0, value, 0, value.capacity());
  }

  private void clear(int to, int from) {
    for (int i = from; i < 64; i++) {
      vec[to].put(i, (byte) 0);
    }
  }

  private void store(int size) {
    for (int i = 0; i < size; i++) {
      if (writeMask == 0 || (mask[writeMask] >> i / 4 & 1) != 0) {
        MEMORY.set(JAVA_BYTE, address + i, vec[regNumber].get(i));
      }
    }
  }

  // ---- General-purpose instructions ----

  private void legacy(int first) {
    int op = first;
    while (op == 0x66) {
      op = u8();
    }
    wide = false;
    if ((op & 0xF0) == 0x40) {
      wide = (op & 8) != 0;
      r = op << 1 & 8;
      x = op << 2 & 8;
      b = op << 3 & 8;
      op = u8();
    }
    if (op == 0x0F) {
      escape(u8());
    } else if (op >= 0x70 && op < 0x80) {
      byte distance = (byte) u8();
      jump(op & 15, distance);
    } else if (op >= 0x50 && op < 0x58) {
      push(reg[op & 7 | b]);
    } else if (op >= 0x58 && op < 0x60) {
      reg[op & 7 | b] = pop();
    } else if (op < 0x40 && (op & 7) == 5) {
      arithmetic(op >> 3, 0, i32());
    } else if (op < 0x40) {
      modrm(1, 0);
      if ((op & 2) != 0) {
        arithmetic(op >> 3, regNumber, general());
      } else if (inMemory) {
        throw new IllegalStateException("arithmetic on memory is not emulated");
      } else {
        arithmetic(op >> 3, rm, reg[regNumber]);
      }
    } else {
      other(op);
    }
  }

  private void other(int op) {
    switch (op) {
      case 0x69, 0x6B -> {
        modrm(1, op == 0x69 ? 4 : 1);
        long value = general();
        set(regNumber, value * (op == 0x69 ? i32() : (byte) u8()));
      }
      case 0x81, 0x83 -> {
        modrm(1, op == 0x81 ? 4 : 1);
        arithmetic(regNumber & 7, rm, op == 0x81 ? i32() : (byte) u8());
      }
      case 0x89 -> {
        modrm(1, 0);
        if (inMemory) {
          MEMORY.set(JAVA_LONG_UNALIGNED, address, reg[regNumber]);
        } else {
          set(rm, reg[regNumber]);
        }
      }
      case 0x8B -> {
        modrm(1, 0);
        set(regNumber, general());
      }
      case 0x8D -> {
        modrm(1, 0);
        set(regNumber, address);
      }
      case 0x90 -> {}
      case 0xC1, 0xD1 -> {
        modrm(1, op == 0xC1 ? 1 : 0);
        int count = op == 0xC1 ? u8() : 1;
        if ((regNumber & 7) != 4) {
          throw new IllegalStateException("shift " + regNumber);
        }
        set(rm, reg[rm] << count);
      }
      case 0xC3 -> rip = pop();
      case 0xC7 -> {
        modrm(1, 4);
        set(rm, i32());
      }
      case 0xE9 -> {
        int distance = i32();
        rip += distance;
      }
      case 0xEB -> {
        byte distance = (byte) u8();
        rip += distance;
      }
      case 0xFF -> {
        modrm(1, 0);
        set(rm, flags(reg[rm] + ((regNumber & 7) == 0 ? 1 : -1)));
      }
      default -> throw new IllegalStateException("unknown opcode %x".formatted(op));
    }
  }

  private void escape(int op) {
    if (op >= 0x80 && op < 0x90) {
      int distance = i32();
      jump(op & 15, distance);
    } else if (op == 0xAF) {
      modrm(1, 0);
      set(regNumber, reg[regNumber] * general());
    } else if (op == 0x18 || op == 0x1F) {
      modrm(1, 0);
    } else {
      throw new IllegalStateException("unknown opcode 0f %x".formatted(op));
    }
  }

  private void arithmetic(int operation, int to, long value) {
    long own = reg[to];
    switch (operation) {
      case 0 -> set(to, flags(own + value));
      case 1 -> set(to, flags(own | value));
      case 4 -> set(to, flags(own & value));
      case 5, 7 -> {
        long difference = flags(own - value);
        carry = Long.compareUnsigned(own, value) < 0;
        overflow = ((own ^ value) & (own ^ difference)) < 0;
        if (operation == 5) {
          set(to, difference);
        }
      }
      case 6 -> set(to, flags(own ^ value));
      default -> throw new IllegalStateException("arithmetic " + operation);
    }
  }

  /** Flags of a result that cannot overflow: addresses, counts and small numbers. */
  private long flags(long result) {
    zero = result == 0;
    sign = result < 0;
    overflow = false;
    carry = false;
    return result;
  }

  private void jump(int condition, int distance) {
    boolean taken =
        switch (condition & -2) {
          case 2 -> carry;
          case 4 -> zero;
          case 6 -> carry || zero;
          case 8 -> sign;
          case 12 -> sign != overflow;
          case 14 -> zero || sign != overflow;
          default -> throw new IllegalStateException("condition " + condition);
        };
    if (taken == ((condition & 1) == 0)) {
      rip += distance;
    }
  }

  private long general() {
    if (!inMemory) {
      return reg[rm];
    }
    return wide
        ? MEMORY.get(JAVA_LONG_UNALIGNED, address)
        : MEMORY.get(JAVA_INT_UNALIGNED, address) & 0xffffffffL;
  }

  private void set(int to, long value) {
    reg[to] = wide ? value : value & 0xffffffffL;
  }

  private void push(long value) {
    reg[RSP] -= 8;
    MEMORY.set(JAVA_LONG_UNALIGNED, reg[RSP], value);
  }

  private long pop() {
    long value = MEMORY.get(JAVA_LONG_UNALIGNED, reg[RSP]);
    reg[RSP] += 8;
    return value;
  }

  private int u8() {
    return MEMORY.get(JAVA_BYTE, rip++) & 0xff;
  }

  private int i32() {
    int value = MEMORY.get(JAVA_INT_UNALIGNED, rip);
    rip += 4;
    return value;
  }
}
