package io.tiefsee.engine;

import io.tiefsee.kernel.KvLayer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Who owns which page of the KV cache. Full pages are remembered by their contents (the tokens in
 * them and all before, within a scope), so that a prompt that begins like an earlier one shares its
 * pages; a page nobody owns keeps its contents until it is needed for something else, the longest
 * unused first.
 *
 * <p>A prefix is named by a chain value: a hash over the scope and the tokens of its pages. Equal
 * values are not trusted: a page is shared only if its own tokens and its parent's value fit too.
 *
 * <p>Owned by the engine's thread.
 */
final class KvPages {
  private static final int END = -1;

  private final int[] owners;
  private final long[] chains;
  private final long[] parents;
  private final int[][] contents;
  private final Map<Long, Integer> byChain = new HashMap<>();

  /** The page remembered last behind a prefix. */
  private final Map<Long, Integer> byParent = new HashMap<>();

  /** Free pages are a ring through {@link #after} and {@link #before}; this index is its anchor. */
  private final int anchor;

  private final int[] after;
  private final int[] before;
  private int free;

  KvPages(int pages) {
    owners = new int[pages];
    chains = new long[pages];
    parents = new long[pages];
    contents = new int[pages][];
    anchor = pages;
    after = new int[pages + 1];
    before = new int[pages + 1];
    after[anchor] = anchor;
    before[anchor] = anchor;
    for (int i = 0; i < pages; i++) {
      link(before[anchor], i);
    }
  }

  private void link(int left, int page) {
    int right = after[left];
    after[left] = page;
    before[page] = left;
    after[page] = right;
    before[right] = page;
    free++;
  }

  private void unlink(int page) {
    after[before[page]] = after[page];
    before[after[page]] = before[page];
    free--;
  }

  int total() {
    return owners.length;
  }

  /** Pages that nobody owns. */
  int free() {
    return free;
  }

  /** A page for new contents; there must be a free one. */
  int take() {
    int page = after[anchor];
    unlink(page);
    forget(page);
    owners[page] = 1;
    return page;
  }

  /** Gives up one ownership. */
  void release(int page) {
    if (--owners[page] == 0) {
      // An empty page is the first to be taken again, one with contents the last.
      link(contents[page] == null ? anchor : before[anchor], page);
    }
  }

  /**
   * Remembers a page that is now full.
   *
   * @param parent chain value of the tokens before the page
   * @param chain chain value up to its end
   * @param tokens the sequence's tokens; those of the page begin at {@code from}
   */
  void remember(int page, long parent, long chain, int[] tokens, int from) {
    if (!byChain.containsKey(chain)) {
      byChain.put(chain, page);
      chains[page] = chain;
      parents[page] = parent;
      contents[page] = Arrays.copyOfRange(tokens, from, from + KvLayer.PAGE);
      byParent.put(parent, page);
    }
  }

  /** The page that holds these tokens after this prefix, without owning it; -1 if there is none. */
  int find(long parent, long chain, int[] tokens, int from) {
    Integer page = byChain.get(chain);
    if (page == null
        || parents[page] != parent
        || !Arrays.equals(contents[page], 0, KvLayer.PAGE, tokens, from, from + KvLayer.PAGE)) {
      return END;
    }
    return page;
  }

  /** Owns, once more, the page that holds these tokens after this prefix; -1 if there is none. */
  int share(long parent, long chain, int[] tokens, int from) {
    int page = find(parent, chain, tokens, from);
    if (page != END) {
      own(page);
    }
    return page;
  }

  /** Owns a page once more. */
  void own(int page) {
    if (owners[page]++ == 0) {
      unlink(page);
    }
  }

  /** The page remembered last behind a prefix, whatever is in it; -1 if there is none. */
  int behind(long parent) {
    Integer page = byParent.get(parent);
    return page == null ? END : page;
  }

  /** The tokens of a remembered page. */
  int[] contents(int page) {
    return contents[page];
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
      byParent.remove(parents[page], page);
      contents[page] = null;
    }
  }

  /** Chain value of the empty prefix of a scope. */
  static long root(String scope) {
    return ByteBuffer.wrap(digest(scope)).getLong();
  }

  /** SHA-256 of a scope's name, which stands for it where the name itself should not be read. */
  static byte[] digest(String scope) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      return sha.digest(("tiefsee prefix " + scope).getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }

  /** Chain value of a prefix and one more page of tokens. */
  static long chain(long parent, int[] tokens, int from) {
    long h = parent;
    for (int i = from; i < from + KvLayer.PAGE; i++) {
      h = (h ^ tokens[i]) * 0x9E3779B97F4A7C15L;
      h ^= h >>> 29;
    }
    return h;
  }
}
