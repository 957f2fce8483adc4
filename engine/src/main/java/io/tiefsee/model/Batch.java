package io.tiefsee.model;

import java.util.Arrays;

/**
 * Tokens with positions: chunks of prompts and single next tokens side by side. One object is
 * filled again for every step, so the arrays may be longer than what counts.
 *
 * <p>Tokens of one sequence stand in ascending position, and their slots are already owned.
 */
public final class Batch {
  private int size;
  private int[] tokens = new int[16];
  private int[] positions = new int[16];
  private int[] sequences = new int[16];
  private int[] slots = new int[16];
  private int logitCount;
  private int[] logitRows = new int[16];
  private int[][] pages = new int[4][];
  private int sequenceCount;

  public void clear() {
    size = 0;
    logitCount = 0;
    sequenceCount = 0;
  }

  /**
   * Begins the tokens of another sequence.
   *
   * @param pageTable pageTable[p] is the page of positions p · PAGE …
   */
  public void sequence(int[] pageTable) {
    if (sequenceCount == pages.length) {
      pages = Arrays.copyOf(pages, 2 * sequenceCount);
    }
    pages[sequenceCount++] = pageTable;
  }

  /** Adds a token of the sequence begun last. */
  public void add(int token, int position, int slot, boolean wantLogits) {
    if (size == tokens.length) {
      int n = 2 * size;
      tokens = Arrays.copyOf(tokens, n);
      positions = Arrays.copyOf(positions, n);
      sequences = Arrays.copyOf(sequences, n);
      slots = Arrays.copyOf(slots, n);
      logitRows = Arrays.copyOf(logitRows, n);
    }
    tokens[size] = token;
    positions[size] = position;
    sequences[size] = sequenceCount - 1;
    slots[size] = slot;
    if (wantLogits) {
      logitRows[logitCount++] = size;
    }
    size++;
  }

  public int size() {
    return size;
  }

  /** Token ids, [size]. */
  public int[] tokens() {
    return tokens;
  }

  /** Positions within their sequences, [size]. */
  public int[] positions() {
    return positions;
  }

  /** Index into {@link #pages()}, [size]. */
  public int[] sequences() {
    return sequences;
  }

  /** Cache slots that the tokens' keys and values go to, [size]. */
  public int[] slots() {
    return slots;
  }

  /** Page tables, [sequences]. */
  public int[][] pages() {
    return pages;
  }

  /** Rows of the batch whose logits are wanted, [logitCount]. */
  public int[] logitRows() {
    return logitRows;
  }

  public int logitCount() {
    return logitCount;
  }
}
