package io.tiefsee.engine;

import java.util.Arrays;

/** How often each token occurs in a stretch; reused without garbage. */
final class TokenCounts {
  private int[] slots = new int[64];
  private int[] tokens = new int[32];
  private int[] times = new int[32];
  private int size;

  void count(int[] from, int start, int end) {
    size = 0;
    Arrays.fill(slots, 0);
    for (int i = start; i < end; i++) {
      add(from[i]);
    }
  }

  private void add(int token) {
    if (size == tokens.length) {
      grow();
    }
    int at = find(token);
    if (slots[at] == 0) {
      tokens[size] = token;
      times[size] = 0;
      slots[at] = ++size;
    }
    times[slots[at] - 1]++;
  }

  private int find(int token) {
    int mask = slots.length - 1;
    int at = (token * 0x9E3779B9) >>> 7 & mask;
    while (slots[at] != 0 && tokens[slots[at] - 1] != token) {
      at = (at + 1) & mask;
    }
    return at;
  }

  private void grow() {
    tokens = Arrays.copyOf(tokens, 2 * size);
    times = Arrays.copyOf(times, 2 * size);
    slots = new int[4 * tokens.length];
    for (int i = 0; i < size; i++) {
      slots[find(tokens[i])] = i + 1;
    }
  }

  int size() {
    return size;
  }

  int token(int i) {
    return tokens[i];
  }

  int times(int i) {
    return times[i];
  }
}
