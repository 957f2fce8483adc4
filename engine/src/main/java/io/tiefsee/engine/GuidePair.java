package io.tiefsee.engine;

/** Two guides, one after the other: the second sees what the first has left. */
record GuidePair(TokenGuide first, TokenGuide second) implements TokenGuide {
  @Override
  public void guide(int[] tokens, int promptLength, int length, float[] logits) {
    first.guide(tokens, promptLength, length, logits);
    second.guide(tokens, promptLength, length, logits);
  }

  @Override
  public boolean ends(int[] tokens, int promptLength, int length) {
    boolean one = first.ends(tokens, promptLength, length);
    boolean two = second.ends(tokens, promptLength, length);
    return one || two;
  }
}
