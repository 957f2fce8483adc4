package io.tiefsee.engine;

/** How the hidden states of a text's tokens become one vector. */
public enum Pooling {
  /** The mean over all tokens. */
  MEAN,
  /** The last token's, the only one that has seen the whole text. */
  LAST
}
