package io.tiefsee.kernel.x86;

import java.util.ArrayList;
import java.util.List;

/**
 * Finds the addresses of a routine. The encoder's bytes have gaps of open size: jumps (two bytes
 * when the target is near, else five or six) and paddings. All jumps start short; those that do not
 * reach grow until all do.
 */
final class Layout {
  /** Condition code of a jump that is always taken. */
  static final int ALWAYS = -1;

  private static final byte[][] NOPS = {
    {},
    {(byte) 0x90},
    {0x66, (byte) 0x90},
    {0x0F, 0x1F, 0x00},
    {0x0F, 0x1F, 0x40, 0x00},
    {0x0F, 0x1F, 0x44, 0x00, 0x00},
    {0x66, 0x0F, 0x1F, 0x44, 0x00, 0x00},
    {0x0F, 0x1F, (byte) 0x80, 0x00, 0x00, 0x00, 0x00},
    {0x0F, 0x1F, (byte) 0x84, 0x00, 0x00, 0x00, 0x00, 0x00},
  };

  private sealed interface Gap {
    /** Offset in the encoder's bytes. */
    int position();
  }

  private record Jump(int position, int condition, Label target) implements Gap {}

  private record Padding(int position, int boundary) implements Gap {}

  /** A 32-bit displacement at {@code position}, counted from {@code length} bytes further on. */
  private record Relative(int position, int gaps, int length, int addend, Label target) {}

  private final List<Gap> gaps = new ArrayList<>();
  private final List<Relative> relatives = new ArrayList<>();

  void jump(int position, int condition, Label target) {
    gaps.add(new Jump(position, condition, target));
  }

  void pad(int position, int boundary) {
    gaps.add(new Padding(position, boundary));
  }

  void relative(int position, int length, int addend, Label target) {
    relatives.add(new Relative(position, gaps.size(), length, addend, target));
  }

  int gaps() {
    return gaps.size();
  }

  /** The final code for the encoder's bytes. */
  byte[] resolve(byte[] raw) {
    int[] before = sizes();
    byte[] code = new byte[raw.length + before[gaps.size()]];
    int from = 0;
    for (int i = 0; i <= gaps.size(); i++) {
      int to = i < gaps.size() ? gaps.get(i).position() : raw.length;
      System.arraycopy(raw, from, code, from + before[i], to - from);
      if (i < gaps.size()) {
        fill(code, gaps.get(i), to + before[i], before[i + 1] - before[i], before);
      }
      from = to;
    }
    for (Relative r : relatives) {
      int at = r.position() + before[r.gaps()];
      int32(code, at, address(r.target(), before) + r.addend() - at - r.length());
    }
    return code;
  }

  /** Bytes of the gaps before gap i, for all i, and last of all gaps together. */
  private int[] sizes() {
    boolean[] far = new boolean[gaps.size()];
    int[] before = new int[gaps.size() + 1];
    boolean grown = true;
    while (grown) {
      for (int i = 0; i < far.length; i++) {
        int size;
        if (gaps.get(i) instanceof Padding p) {
          size = -(p.position() + before[i]) & p.boundary() - 1;
        } else {
          size = !far[i] ? 2 : ((Jump) gaps.get(i)).condition() == ALWAYS ? 5 : 6;
        }
        before[i + 1] = before[i] + size;
      }
      grown = false;
      for (int i = 0; i < far.length; i++) {
        if (!far[i] && gaps.get(i) instanceof Jump j) {
          int distance = address(j.target(), before) - j.position() - before[i + 1];
          far[i] = (byte) distance != distance;
          grown |= far[i];
        }
      }
    }
    return before;
  }

  private static int address(Label label, int[] before) {
    return label.position() + before[label.gaps()];
  }

  private static void fill(byte[] code, Gap gap, int at, int size, int[] before) {
    if (gap instanceof Jump jump) {
      fill(code, jump, at, size, address(jump.target(), before) - at - size);
      return;
    }
    for (int done = 0; done < size; ) {
      byte[] nop = NOPS[Math.min(size - done, NOPS.length - 1)];
      System.arraycopy(nop, 0, code, at + done, nop.length);
      done += nop.length;
    }
  }

  private static void fill(byte[] code, Jump jump, int at, int size, int distance) {
    if (size == 2) {
      code[at] = (byte) (jump.condition() == ALWAYS ? 0xEB : 0x70 | jump.condition());
      code[at + 1] = (byte) distance;
    } else if (size == 5) {
      code[at] = (byte) 0xE9;
      int32(code, at + 1, distance);
    } else {
      code[at] = 0x0F;
      code[at + 1] = (byte) (0x80 | jump.condition());
      int32(code, at + 2, distance);
    }
  }

  private static void int32(byte[] code, int at, int value) {
    for (int i = 0; i < 4; i++) {
      code[at + i] = (byte) (value >> 8 * i);
    }
  }
}
