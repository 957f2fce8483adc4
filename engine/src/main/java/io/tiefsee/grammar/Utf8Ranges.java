package io.tiefsee.grammar;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Ranges of code points as sequences of ranges of UTF-8 bytes. */
final class Utf8Ranges {
  /** A byte from {@code first} to {@code last}, both 0 to 255. */
  record Bytes(int first, int last) {}

  private Utf8Ranges() {}

  /** Sequences of byte ranges that together are exactly these code points; no surrogates. */
  static List<List<Bytes>> of(Expr.Range range) {
    List<List<Bytes>> out = new ArrayList<>();
    split(range.first(), Math.min(range.last(), 0xD7FF), out);
    split(Math.max(range.first(), 0xE000), range.last(), out);
    return out;
  }

  private static void split(int first, int last, List<List<Bytes>> out) {
    if (first > last) {
      return;
    }
    for (int end : new int[] {0x7F, 0x7FF, 0xFFFF}) { // where the encoding gets longer
      if (first <= end && last > end) {
        split(first, end, out);
        split(end + 1, last, out);
        return;
      }
    }
    if (last > 0x7F) {
      for (int bits = 6; bits <= 18; bits += 6) {
        int low = (1 << bits) - 1;
        if ((first & ~low) != (last & ~low)) {
          if ((first & low) != 0) {
            split(first, first | low, out);
            split((first | low) + 1, last, out);
            return;
          }
          if ((last & low) != low) {
            split(first, (last & ~low) - 1, out);
            split(last & ~low, last, out);
            return;
          }
        }
      }
    }
    byte[] a = Character.toString(first).getBytes(StandardCharsets.UTF_8);
    byte[] b = Character.toString(last).getBytes(StandardCharsets.UTF_8);
    List<Bytes> sequence = new ArrayList<>();
    for (int i = 0; i < a.length; i++) {
      sequence.add(new Bytes(a[i] & 0xFF, b[i] & 0xFF));
    }
    out.add(sequence);
  }
}
