package io.tiefsee.engine;

import io.tiefsee.grammar.Grammar;
import io.tiefsee.grammar.TokenMatcher;
import io.tiefsee.grammar.TokenTrie;
import io.tiefsee.text.ReasoningParser;
import io.tiefsee.text.Tokenizer;
import java.util.Arrays;
import java.util.OptionalInt;

/**
 * Holds an answer to a grammar, once the model has thought: until {@code </think>} it may write
 * what it likes, then only what the grammar lets through. A line end or two between thoughts and
 * answer belong to neither.
 */
public final class GrammarGuide implements TokenGuide {
  private static final String OPEN = "<think>";
  private static final String CLOSE = "</think>";

  /** White space that may come between thoughts and answer, in tokens. */
  private static final int GAP = 2;

  private enum State {
    /** Nothing yet: thoughts may open. */
    START,
    THINKING,
    /** Behind the thoughts, before the answer's first character. */
    BETWEEN,
    ANSWERING
  }

  private final TokenTrie trie;
  private final TokenMatcher.Cursor cursor;
  private final TagFinder closeFinder;
  private final OptionalInt openToken;
  private State state;
  private int read;
  private int gap;

  /**
   * @param trie of the tokenizer's vocabulary
   * @param prompt as text: it tells whether the thoughts are open already
   */
  public GrammarGuide(Grammar grammar, TokenTrie trie, Tokenizer tokenizer, String prompt) {
    this(new TokenMatcher(grammar, trie), trie, tokenizer, prompt);
  }

  /**
   * @param matcher of the grammar; answers that share one save work
   */
  public GrammarGuide(TokenMatcher matcher, TokenTrie trie, Tokenizer tokenizer, String prompt) {
    this.trie = trie;
    this.cursor = matcher.start();
    this.closeFinder = new TagFinder(tokenizer, CLOSE);
    this.openToken = tokenizer.id(OPEN);
    this.state = ReasoningParser.opens(prompt, OPEN) ? State.THINKING : State.START;
  }

  /**
   * Holds a text to a grammar from its first character on; a tag of thoughts is nothing special.
   */
  public static GrammarGuide fromTheStart(
      TokenMatcher matcher, TokenTrie trie, Tokenizer tokenizer) {
    GrammarGuide guide = new GrammarGuide(matcher, trie, tokenizer, "");
    guide.state = State.ANSWERING;
    return guide;
  }

  @Override
  public void guide(int[] tokens, int promptLength, int length, float[] logits) {
    while (promptLength + read < length) {
      accept(tokens[promptLength + read]);
      read++;
    }
    switch (state) {
      case THINKING -> {}
      case START -> keeping(openToken.stream().toArray(), logits);
      case BETWEEN -> keeping(gap < GAP ? trie.whiteSpace() : new int[0], logits);
      case ANSWERING -> cursor.mask(logits);
    }
  }

  /** Masks all that the grammar does not let through, but for some tokens. */
  private void keeping(int[] others, float[] logits) {
    float[] kept = new float[others.length];
    for (int i = 0; i < kept.length; i++) {
      kept[i] = logits[others[i]];
    }
    cursor.mask(logits);
    for (int i = 0; i < kept.length; i++) {
      logits[others[i]] = kept[i];
    }
  }

  private void accept(int token) {
    switch (state) {
      case START -> {
        if (openToken.isPresent() && openToken.getAsInt() == token) {
          state = State.THINKING;
        } else {
          state = State.ANSWERING;
          cursor.accept(token);
        }
      }
      case THINKING -> {
        closeFinder
            .accept(token)
            .map(String::stripLeading)
            .ifPresent(rest -> {
              state = rest.isEmpty() ? State.BETWEEN : State.ANSWERING;
              cursor.accept(rest);
            });
      }
      case BETWEEN -> {
        if (gap < GAP && Arrays.binarySearch(trie.whiteSpace(), token) >= 0) {
          gap++;
        } else {
          state = State.ANSWERING;
          cursor.accept(token);
        }
      }
      case ANSWERING -> cursor.accept(token);
    }
  }
}
