package io.tiefsee.grammar;

import io.tiefsee.text.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * All tokens of a vocabulary as a tree over their bytes, so that one walk tells which of them a
 * grammar lets through. Nodes lie in the order of the walk: a node's first child follows it, and
 * {@link #skip} leads past its subtree. Special tokens and those without bytes are not in it.
 * Immutable.
 */
public final class TokenTrie {
  private record Entry(byte[] bytes, int id) {}

  private final int vocab;
  private final int[] endTokens;
  private final byte[][] tokenBytes;
  private final int[] whiteSpace;
  private byte[] label = new byte[1024];
  private short[] depth = new short[1024];
  private int[] skip = new int[1024];

  /** Node n completes the tokens ids[first[n]] to ids[first[n + 1] - 1]. */
  private int[] first = new int[1025];

  private final int[] ids;
  private int nodes;
  private int deepest;

  private TokenTrie(Tokenizer tokenizer) {
    vocab = tokenizer.vocabSize();
    endTokens = tokenizer.endOfGeneration().stream().mapToInt(i -> i).sorted().toArray();
    tokenBytes = new byte[vocab][];
    List<Entry> entries = new ArrayList<>();
    for (int id = 0; id < vocab; id++) {
      tokenBytes[id] = tokenizer.isSpecial(id) ? new byte[0] : tokenizer.bytes(id);
      if (tokenBytes[id].length > 0 && Arrays.binarySearch(endTokens, id) < 0) {
        entries.add(new Entry(tokenBytes[id], id));
      }
    }
    entries.sort((a, b) -> Arrays.compareUnsigned(a.bytes, b.bytes));
    ids = entries.stream().mapToInt(Entry::id).toArray();
    whiteSpace =
        entries.stream().filter(e -> isWhite(e.bytes)).mapToInt(Entry::id).sorted().toArray();
    build(entries);
  }

  private static boolean isWhite(byte[] bytes) {
    for (byte b : bytes) {
      if (b != ' ' && b != '\n') {
        return false;
      }
    }
    return true;
  }

  /** The tree of a tokenizer's vocabulary. Takes a fraction of a second for 150,000 tokens. */
  public static TokenTrie of(Tokenizer tokenizer) {
    return new TokenTrie(tokenizer);
  }

  private void build(List<Entry> entries) {
    int[] path = new int[64]; // nodes from the root's child down to the current one
    int length = 0;
    byte[] before = {};
    for (int i = 0; i < entries.size(); i++) {
      byte[] bytes = entries.get(i).bytes;
      int same = Arrays.mismatch(before, bytes);
      if (same >= 0) {
        while (length > same) {
          skip[path[--length]] = nodes;
        }
        for (int d = same; d < bytes.length; d++) {
          path = d < path.length ? path : Arrays.copyOf(path, 2 * d);
          path[length++] = add(bytes[d], d, i);
        }
        deepest = Math.max(deepest, length);
        before = bytes;
      }
      first[nodes] = i + 1; // the last node made completes this token
    }
    while (length > 0) {
      skip[path[--length]] = nodes;
    }
  }

  private int add(byte b, int d, int tokensBefore) {
    if (nodes == label.length) {
      label = Arrays.copyOf(label, 2 * nodes);
      depth = Arrays.copyOf(depth, 2 * nodes);
      skip = Arrays.copyOf(skip, 2 * nodes);
      first = Arrays.copyOf(first, 2 * nodes + 1);
    }
    label[nodes] = b;
    depth[nodes] = (short) d;
    first[nodes] = tokensBefore;
    first[nodes + 1] = tokensBefore;
    return nodes++;
  }

  /** Tokens that are nothing but line ends and blanks, in ascending order. */
  public int[] whiteSpace() {
    return whiteSpace;
  }

  int vocab() {
    return vocab;
  }

  int nodes() {
    return nodes;
  }

  /** Bytes of the longest token. */
  int deepest() {
    return deepest;
  }

  /** The byte that leads to a node. */
  int label(int node) {
    return label[node] & 0xFF;
  }

  /** Bytes before that one. */
  int depth(int node) {
    return depth[node];
  }

  /** The node behind a node's subtree. */
  int skip(int node) {
    return skip[node];
  }

  /** Sets the bits of the tokens that end at a node. */
  void mark(int node, long[] bits) {
    for (int i = first[node]; i < first[node + 1]; i++) {
      bits[ids[i] >>> 6] |= 1L << ids[i];
    }
  }

  /** Bytes of a token; none for special ones. */
  byte[] bytes(int token) {
    return token < vocab ? tokenBytes[token] : new byte[0];
  }

  /** Whether a token ends an answer. */
  boolean ends(int token) {
    return Arrays.binarySearch(endTokens, token) >= 0;
  }

  /** Sets the bits of the tokens that end an answer. */
  void markEnds(long[] bits) {
    for (int id : endTokens) {
      bits[id >>> 6] |= 1L << id;
    }
  }
}
