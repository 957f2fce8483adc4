package io.tiefsee.grammar;

import io.tiefsee.tensor.BadInput;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A grammar over the tokens of a vocabulary: which tokens may come next, at any place of any
 * answer. Places and their token sets are worked out when they are first met and kept, so answers
 * that obey the same grammar should share a matcher.
 *
 * <p>A {@link Cursor} is one answer's place, used by one thread at a time. Several threads may use
 * cursors of one matcher.
 */
public final class TokenMatcher {
  /** Longs in all remembered token sets together: 64 MB. */
  private static final long MAX_REMEMBERED = 8L << 20;

  private final ByteMatcher matcher;
  private final TokenTrie trie;
  private final ByteMatcher.State[] path;
  private long remembered;

  public TokenMatcher(Grammar grammar, TokenTrie trie) {
    this.matcher = new ByteMatcher(grammar);
    this.trie = trie;
    this.path = new ByteMatcher.State[trie.deepest() + 1];
  }

  /** The place of an answer that has not begun. */
  public Cursor start() {
    return new Cursor();
  }

  /** Where an answer is in the grammar. */
  public final class Cursor {
    private ByteMatcher.State state = matcher.start();

    private Cursor() {}

    /**
     * Goes on behind a token.
     *
     * @throws BadInput if the grammar does not let it through
     */
    public void accept(int token) {
      if (trie.ends(token)) {
        return;
      }
      for (byte b : trie.bytes(token)) {
        state = next(state, b);
        if (state.dead() && !state.accepting()) {
          throw new BadInput("token " + token + " breaks the grammar");
        }
      }
    }

    /** Goes on behind a text; false, and nowhere, if the grammar does not let it through. */
    public boolean accept(String text) {
      ByteMatcher.State s = state;
      for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
        s = next(s, b);
      }
      if (s.dead() && !s.accepting()) {
        return false;
      }
      state = s;
      return true;
    }

    /** Whether the answer may end here. */
    public boolean accepting() {
      return state.accepting();
    }

    /** Whether the answer has to end here. */
    public boolean complete() {
      return state.dead() && state.accepting();
    }

    /** Whether a token may come next. */
    public boolean allows(int token) {
      long[] bits = tokens(state);
      return token >>> 6 < bits.length && (bits[token >>> 6] >>> token & 1) != 0;
    }

    /**
     * Sets the logits of all tokens that may not come next to −∞.
     *
     * @param logits [vocab]; rows that only pad the embedding go too
     * @throws BadInput if no token of the vocabulary may come next
     */
    public void mask(float[] logits) {
      long[] bits = tokens(state);
      if (Arrays.stream(bits).allMatch(w -> w == 0)) {
        throw new BadInput("no token of the vocabulary fits the grammar at this place");
      }
      for (int w = 0; w * 64 < logits.length; w++) {
        long word = w < bits.length ? bits[w] : 0;
        if (word == -1) {
          continue;
        }
        int end = Math.min(logits.length, (w + 1) * 64);
        for (int i = w * 64; i < end; i++) {
          if ((word >>> i & 1) == 0) {
            logits[i] = Float.NEGATIVE_INFINITY;
          }
        }
      }
    }
  }

  private synchronized ByteMatcher.State next(ByteMatcher.State from, byte b) {
    return matcher.next(from, b & 0xFF);
  }

  private synchronized long[] tokens(ByteMatcher.State state) {
    if (state.tokens.length > 0) {
      return state.tokens;
    }
    long[] bits = new long[Math.ceilDiv(trie.vocab(), 64)];
    path[0] = state;
    for (int n = 0; n < trie.nodes(); ) {
      int depth = trie.depth(n);
      ByteMatcher.State next = matcher.next(path[depth], trie.label(n));
      if (next.dead() && !next.accepting()) {
        n = trie.skip(n);
      } else {
        trie.mark(n, bits);
        path[depth + 1] = next;
        n++;
      }
    }
    if (state.accepting()) {
      trie.markEnds(bits);
    }
    if (remembered + bits.length <= MAX_REMEMBERED) {
      remembered += bits.length;
      state.tokens = bits;
    }
    return bits;
  }
}
