package io.tiefsee.engine;

import io.tiefsee.kernel.KvLayer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Who owns which page of the KV cache. Full pages are remembered by their contents (the tokens in
 * them and all before), so that a prompt that begins like an earlier one shares its pages; a page
 * nobody owns keeps its contents until it is needed for something else, the longest unused first.
 *
 * <p>Owned by the engine's thread.
 */
final class KvPages {
  /** Chain value of an empty prefix. */
  static final long ROOT = 0x7469656673656565L;

  private final int[] owners;
  private final long[] chains;
  private final long[] parents;
  private final int[][] contents;
  private final Map<Long, Integer> byChain = new HashMap<>();
  private final ArrayDeque<Integer> free = new ArrayDeque<>();

  KvPages(int pages) {
    owners = new int[pages];
    chains = new long[pages];
    parents = new long[pages];
    contents = new int[pages][];
    for (int i = 0; i < pages; i++) {
      free.add(i);
    }
  }

  int total() {
    return owners.length;
  }

  int free() {
    return free.size();
  }

  /** A page for new contents; there must be a free one. */
  int take() {
    int page = free.removeFirst();
    forget(page);
    owners[page] = 1;
    return page;
  }

  /** Gives up one ownership. */
  void release(int page) {
    if (--owners[page] == 0) {
      if (contents[page] == null) {
        free.addFirst(page);
      } else {
        free.addLast(page);
      }
    }
  }

  /**
   * Remembers a page that is now full.
   *
   * @param parent chain value of the tokens before the page
   * @param tokens the sequence's tokens; those of the page begin at {@code from}
   * @return chain value up to the end of the page
   */
  long remember(int page, long parent, int[] tokens, int from) {
    long chain = chain(parent, tokens, from);
    if (!byChain.containsKey(chain)) {
      byChain.put(chain, page);
      chains[page] = chain;
      parents[page] = parent;
      contents[page] = Arrays.copyOfRange(tokens, from, from + KvLayer.PAGE);
    }
    return chain;
  }

  /** Owns, once more, the page that holds these tokens after this prefix; -1 if there is none. */
  int share(long parent, int[] tokens, int from) {
    Integer page = byChain.get(chain(parent, tokens, from));
    if (page == null
        || parents[page] != parent
        || !Arrays.equals(contents[page], 0, KvLayer.PAGE, tokens, from, from + KvLayer.PAGE)) {
      return -1;
    }
    if (owners[page]++ == 0) {
      free.remove(page);
    }
    return page;
  }

  /** Forgets the contents of all pages; those in use stay owned. */
  void forgetAll() {
    for (int page = 0; page < contents.length; page++) {
      forget(page);
    }
  }

  private void forget(int page) {
    if (contents[page] != null) {
      byChain.remove(chains[page]);
      contents[page] = null;
    }
  }

  static long chain(long parent, int[] tokens, int from) {
    long h = parent;
    for (int i = from; i < from + KvLayer.PAGE; i++) {
      h = (h ^ tokens[i]) * 0x9E3779B97F4A7C15L;
      h ^= h >>> 29;
    }
    return h;
  }
}
