package io.tiefsee.kernel.x86;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

/** Emulated instructions on general-purpose registers, and jumps. */
abstract sealed class EmulatedGeneral extends EmulatedProcessor permits Emulator {
  final void legacy(int first) {
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
}
