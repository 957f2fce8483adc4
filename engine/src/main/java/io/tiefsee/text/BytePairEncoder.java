package io.tiefsee.text;

import io.tiefsee.tensor.BadInput;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Byte-pair encoding of one piece of text: starts from the tokens of its bytes (or of its code
 * points) and joins, again and again, the neighbouring pair of the lowest merge rank, the leftmost
 * where ranks are equal (Sennrich et al. 2016, arXiv:1508.07909).
 *
 * <p>Short pieces scan for the best pair; long ones keep the pairs in a heap, so that a piece of n
 * symbols costs O(n log n). Merges are a flat open-addressing hash table. Results for short pieces
 * are kept in a direct-mapped cache of fixed size. Its entries are immutable and are read and
 * written without locks: a race costs a second computation and nothing else, so one encoder serves
 * any number of threads.
 */
final class BytePairEncoder {
  /**
   * How pieces become first symbols.
   *
   * @param byteLevel each byte is a symbol, written in {@link ByteAlphabet}; else each code point
   *     is
   * @param byteFallback code points that are not in the vocabulary become {@code <0xXX>} tokens
   * @param ignoreMerges a piece that is a token as a whole is not built from merges
   * @param unknown the token for what is not in the vocabulary, or -1: such symbols are dropped
   * @param fuseUnknown neighbouring unknown tokens become one
   */
  record Options(
      boolean byteLevel,
      boolean byteFallback,
      boolean ignoreMerges,
      int unknown,
      boolean fuseUnknown) {
    static Options byteLevel(boolean ignoreMerges) {
      return new Options(true, false, ignoreMerges, -1, false);
    }
  }

  private record Word(String text, int[] tokens) {}

  private static final int CACHE_SIZE = 1 << 15;
  private static final int MAX_CACHED_CHARS = 48;
  private static final int MAX_SCANNED_SYMBOLS = 48;
  private static final int NO_RANK = Integer.MAX_VALUE;

  private final Vocabulary vocabulary;
  private final Options options;
  private final int[] byteTokens = new int[256];
  private final boolean fallback;
  private final MergeTable merges;
  private final Word[] cache = new Word[CACHE_SIZE];

  BytePairEncoder(Vocabulary vocabulary, MergeTable merges, Options options) {
    this.vocabulary = vocabulary;
    this.merges = merges;
    this.options = options;
    boolean all = true;
    for (int b = 0; b < 256; b++) {
      String text =
          options.byteLevel ? String.valueOf(ByteAlphabet.charOf(b)) : String.format("<0x%02X>", b);
      byteTokens[b] = vocabulary.idOrMinus(text);
      all &= byteTokens[b] >= 0;
      if (options.byteLevel && byteTokens[b] < 0) {
        byteTokens[b] = options.unknown;
      }
    }
    fallback = options.byteFallback && all;
  }

  /** The merge rules: (left, right) → (rank, joined), in one flat table of at most half load. */
  static final class MergeTable {
    private final long[] slots;
    private final int mask;

    /** Room for {@code count} rules. */
    MergeTable(int count) {
      int capacity = Integer.highestOneBit(Math.max(8, count)) << 2;
      slots = new long[2 * capacity];
      Arrays.fill(slots, -1);
      mask = capacity - 1;
    }

    private int slot(long key) {
      int at = (int) (key * 0x9E3779B97F4A7C15L >>> 32) & mask;
      while (slots[2 * at] != key && slots[2 * at] != -1) {
        at = at + 1 & mask;
      }
      return 2 * at;
    }

    /** Adds a rule; a later rule for the same pair replaces the earlier one. */
    void put(int left, int right, int rank, int joined) {
      long key = key(left, right);
      int slot = slot(key);
      slots[slot] = key;
      slots[slot + 1] = (long) rank << 32 | joined;
    }

    /** rank ≪ 32 | joined, or -1. */
    long get(int left, int right) {
      return slots[slot(key(left, right)) + 1];
    }

    private static long key(int left, int right) {
      return (long) left << 32 | right;
    }

    /**
     * Adds "left right → leftright" by text; a {@link BadInput} where one is not in the vocabulary.
     */
    void put(Vocabulary vocabulary, String left, String right, int rank) {
      put(
          vocabulary,
          left.concat(right).getBytes(StandardCharsets.UTF_8),
          left.getBytes(StandardCharsets.UTF_8).length,
          rank);
    }

    /**
     * The same in UTF-8.
     *
     * @param joined left and right, one behind the other
     * @param middle where right begins
     */
    void put(Vocabulary vocabulary, byte[] joined, int middle, int rank) {
      put(
          known(vocabulary, joined, middle, 0, middle),
          known(vocabulary, joined, middle, middle, joined.length),
          rank,
          known(vocabulary, joined, middle, 0, joined.length));
    }

    private static int known(Vocabulary vocabulary, byte[] joined, int middle, int from, int to) {
      int id = vocabulary.idOrMinus(joined, from, to);
      if (id < 0) {
        throw new BadInput(
            "the merge of "
                + quote(joined, 0, middle)
                + " and "
                + quote(joined, middle, joined.length)
                + " names "
                + quote(joined, from, to)
                + ", which is not in the vocabulary");
      }
      return id;
    }

    private static String quote(byte[] utf8, int from, int to) {
      return Vocabulary.quote(new String(utf8, from, to - from, StandardCharsets.UTF_8));
    }
  }

  /** Appends the tokens of {@code text[from..to)}. */
  void encode(char[] text, int from, int to, IntList out) {
    if (to - from > MAX_CACHED_CHARS) {
      out.addAll(compute(new String(text, from, to - from)));
      return;
    }
    int hash = 0;
    for (int i = from; i < to; i++) {
      hash = hash * 31 + text[i];
    }
    int slot = (hash ^ hash >>> 15) & CACHE_SIZE - 1;
    Word word = cache[slot];
    if (word == null || !same(word.text, text, from, to)) {
      String piece = new String(text, from, to - from);
      word = new Word(piece, compute(piece));
      cache[slot] = word;
    }
    out.addAll(word.tokens);
  }

  private static boolean same(String word, char[] text, int from, int to) {
    if (word.length() != to - from) {
      return false;
    }
    for (int i = from; i < to; i++) {
      if (word.charAt(i - from) != text[i]) {
        return false;
      }
    }
    return true;
  }

  private int[] compute(String piece) {
    byte[] bytes = options.byteLevel ? piece.getBytes(StandardCharsets.UTF_8) : new byte[0];
    if (options.ignoreMerges) {
      int whole = vocabulary.idOrMinus(options.byteLevel ? ByteAlphabet.write(bytes) : piece);
      if (whole >= 0) {
        return new int[] {whole};
      }
    }
    int[] symbols = options.byteLevel ? byteSymbols(bytes) : codePointSymbols(piece);
    return symbols.length <= MAX_SCANNED_SYMBOLS ? mergeByScan(symbols) : mergeByHeap(symbols);
  }

  private int[] byteSymbols(byte[] bytes) {
    int[] symbols = new int[bytes.length];
    int n = 0;
    for (byte b : bytes) {
      int token = byteTokens[b & 0xFF];
      if (token >= 0) {
        symbols[n++] = token;
      }
    }
    return n == symbols.length ? symbols : Arrays.copyOf(symbols, n);
  }

  private int[] codePointSymbols(String piece) {
    IntList symbols = new IntList();
    boolean afterUnknown = false;
    for (int i = 0; i < piece.length(); ) {
      int length = Character.charCount(piece.codePointAt(i));
      String symbol = piece.substring(i, i + length);
      i += length;
      int token = vocabulary.idOrMinus(symbol);
      if (token >= 0) {
        symbols.add(token);
      } else if (fallback) {
        for (byte b : symbol.getBytes(StandardCharsets.UTF_8)) {
          symbols.add(byteTokens[b & 0xFF]);
        }
      } else if (options.unknown >= 0 && !(afterUnknown && options.fuseUnknown)) {
        symbols.add(options.unknown);
      }
      afterUnknown = token < 0 && !fallback;
    }
    return symbols.toArray();
  }

  /** Joins in place; {@code rules[i]} is the rule for the pair (i, i+1), or -1. */
  private int[] mergeByScan(int[] symbols) {
    int n = symbols.length;
    long[] rules = new long[n];
    for (int i = 0; i + 1 < n; i++) {
      rules[i] = merges.get(symbols[i], symbols[i + 1]);
    }
    while (n > 1) {
      int best = -1;
      int bestRank = NO_RANK;
      for (int i = 0; i + 1 < n; i++) {
        int rank = rank(rules[i]);
        if (rank < bestRank) {
          bestRank = rank;
          best = i;
        }
      }
      if (best < 0) {
        break;
      }
      symbols[best] = (int) rules[best];
      System.arraycopy(symbols, best + 2, symbols, best + 1, n - best - 2);
      System.arraycopy(rules, best + 2, rules, best + 1, n - best - 2);
      n--;
      if (best > 0) {
        rules[best - 1] = merges.get(symbols[best - 1], symbols[best]);
      }
      if (best + 1 < n) {
        rules[best] = merges.get(symbols[best], symbols[best + 1]);
      }
    }
    return Arrays.copyOf(symbols, n);
  }

  private static int rank(long rule) {
    return rule < 0 ? NO_RANK : (int) (rule >>> 32);
  }

  /**
   * The same with a heap of (rank, position). {@code rules[i]} is the current rule of the pair that
   * starts at symbol i; heap entries that no longer agree with it are stale and are skipped.
   */
  private int[] mergeByHeap(int[] symbols) {
    int n = symbols.length;
    int[] previous = new int[n];
    int[] next = new int[n];
    long[] rules = new long[n];
    LongHeap heap = new LongHeap(n);
    for (int i = 0; i < n; i++) {
      previous[i] = i - 1;
      next[i] = i + 1;
      rules[i] = i + 1 < n ? merges.get(symbols[i], symbols[i + 1]) : -1;
      heap.offer(rules[i], i);
    }
    while (heap.size > 0) {
      long top = heap.poll();
      int at = (int) top;
      if (rules[at] < 0 || rank(rules[at]) != (int) (top >>> 32)) {
        continue;
      }
      symbols[at] = (int) rules[at];
      int gone = next[at];
      rules[gone] = -1;
      symbols[gone] = -1;
      next[at] = next[gone];
      if (next[at] < n) {
        previous[next[at]] = at;
      }
      rules[at] = next[at] < n ? merges.get(symbols[at], symbols[next[at]]) : -1;
      heap.offer(rules[at], at);
      int before = previous[at];
      if (before >= 0) {
        rules[before] = merges.get(symbols[before], symbols[at]);
        heap.offer(rules[before], before);
      }
    }
    return Arrays.stream(symbols).filter(token -> token >= 0).toArray();
  }

  /**
   * A binary heap of rank ≪ 32 | position, the smallest first; java.util.PriorityQueue would box.
   */
  private static final class LongHeap {
    private long[] entries;
    private int size;

    LongHeap(int capacity) {
      entries = new long[capacity + 16];
    }

    void offer(long rule, int position) {
      if (rule < 0) {
        return;
      }
      if (size == entries.length) {
        entries = Arrays.copyOf(entries, 2 * size);
      }
      long entry = rule >>> 32 << 32 | position;
      int at = size++;
      while (at > 0 && entries[at - 1 >> 1] > entry) {
        entries[at] = entries[at - 1 >> 1];
        at = at - 1 >> 1;
      }
      entries[at] = entry;
    }

    long poll() {
      final long top = entries[0];
      long last = entries[--size];
      int at = 0;
      while (2 * at + 1 < size) {
        int child = 2 * at + 1;
        if (child + 1 < size && entries[child + 1] < entries[child]) {
          child++;
        }
        if (entries[child] >= last) {
          break;
        }
        entries[at] = entries[child];
        at = child;
      }
      entries[at] = last;
      return top;
    }
  }
}
