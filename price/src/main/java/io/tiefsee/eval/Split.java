package io.tiefsee.eval;

/**
 * Whether a problem may be learned from or is kept for measuring. The canonical id decides, so that
 * the two never share a problem: about one problem in eight is in TEST.
 */
public enum Split {
  TRAIN,
  TEST;

  private static final int ONE_IN = 8;

  /** The split of the problem with this canonical id. */
  public static Split of(String id) {
    return Long.remainderUnsigned(hash(id), ONE_IN) == 0 ? TEST : TRAIN;
  }

  /** FNV-1a over the characters, then the finaliser of SplitMix64: fixed for ever. */
  static long hash(String text) {
    long h = 0xcbf29ce484222325L;
    for (int i = 0; i < text.length(); i++) {
      h = (h ^ text.charAt(i)) * 0x100000001b3L;
    }
    h = (h ^ (h >>> 30)) * 0xbf58476d1ce4e5b9L;
    h = (h ^ (h >>> 27)) * 0x94d049bb133111ebL;
    return h ^ (h >>> 31);
  }
}
