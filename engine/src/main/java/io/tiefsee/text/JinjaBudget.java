package io.tiefsee.text;

/**
 * What one rendering may use: steps (evaluated nodes, touched elements and characters) and nesting.
 * It turns an endless loop or a bottomless recursion into an error. Not thread-safe; one a
 * rendering.
 */
final class JinjaBudget {
  /** Far above any real conversation: a thousand messages take some hundred thousand steps. */
  private static final long MAX_STEPS = 20_000_000;

  /** Longest string or list an operation may make, in characters or elements. */
  static final int MAX_SIZE = 1 << 26;

  /** Nested evaluations; each takes a few Java frames, and the usual stack is 1 MB. */
  private static final int MAX_DEPTH = 400;

  private static final int CHARS_PER_STEP = 64;

  /** The budget of the rendering this thread is in; for walks over nested values. */
  static final ScopedValue<JinjaBudget> CURRENT = ScopedValue.newInstance();

  private long steps;
  private int depth;

  void step() {
    if (++steps > MAX_STEPS) {
      throw new JinjaException("the template does not come to an end (" + MAX_STEPS + " steps)");
    }
  }

  /** Accounts for {@code n} elements at once, before they are made. */
  void elements(long n) {
    if (n > MAX_SIZE) {
      throw new JinjaException("the template makes a value of " + n + " elements: too large");
    }
    steps += Math.max(0, n);
    step();
  }

  /** Accounts for a string of {@code n} characters, before it is made. */
  void characters(long n) {
    if (n > MAX_SIZE) {
      throw new JinjaException("the template makes a text of " + n + " characters: too large");
    }
    steps += Math.max(0, n) / CHARS_PER_STEP;
    step();
  }

  /** Accounts for looking at {@code n} characters. */
  void work(long n) {
    steps += n / CHARS_PER_STEP;
    step();
  }

  /** Accounts for the worst case of a search for {@code part} in {@code text}. */
  void search(String text, String part) {
    work((long) Math.max(1, text.length() - part.length() + 1) * Math.max(1, part.length()));
  }

  void enter() {
    step();
    if (++depth > MAX_DEPTH) {
      throw new JinjaException("the template is nested too deeply (" + MAX_DEPTH + " levels)");
    }
  }

  void leave() {
    depth--;
  }
}
