package io.tiefsee.kernel.x86;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * Runs machine code instruction by instruction: decodes the bytes (legacy, VEX and EVEX prefixes,
 * with compressed displacements) and does in Java what the manual says, for as much of x86-64 as
 * the product kernels use. Whatever it does not know is an error. So code for AVX-512 is tested on
 * machines without it; code for AVX2, which can run on both, tests the emulator.
 *
 * <p>Memory is the real one. Not thread-safe.
 */
final class Emulator extends EmulatedGeneral implements Callable {
  private static final int STACK = 4096;
  private static final long RETURN = -1;

  private final Arena arena = Arena.ofAuto();
  private final MemorySegment code;
  private final EmulatedTiles tiles = new EmulatedTiles();

  Emulator(Assembler a) {
    byte[] assembled = a.assemble();
    code = arena.allocate(assembled.length, 64).copyFrom(MemorySegment.ofArray(assembled));
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
      case 0x1F5, 0x1FD, 0x1F9, 0x1FE, 0x1FA, 0x1DB, 0x1EB, 0x1EF -> {
        full(0);
        integers(opcode);
      }
      case 0x1F8 -> {
        full(0);
        ByteBuffer t = operand(bytes);
        ByteBuffer d = copy(vvvv, bytes);
        for (int i = 0; i < bytes; i++) {
          d.put(i, (byte) (d.get(i) - t.get(i)));
        }
        write(regNumber, d);
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
      case 0x49, 0x349, 0x34B, 0x24B, 0x35E -> {
        modrm(1, 0);
        tiles();
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

  private void tiles() {
    switch (prefix << 8 | opcode) {
      case 0x49 -> {
        if (inMemory) {
          tiles.configure(address);
        } else {
          tiles.release();
        }
      }
      case 0x349 -> tiles.zero(regNumber);
      case 0x34B -> tiles.load(regNumber, address - stride, stride);
      case 0x24B -> tiles.store(regNumber, address - stride, stride);
      default -> tiles.multiplySigned(regNumber, rm, vvvv);
    }
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
}
