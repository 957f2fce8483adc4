package io.tiefsee.bench;

/** One thing that is measured. */
sealed interface Measure {
  /** A prompt of so many tokens, in tokens per second. */
  record Prompt(int tokens) implements Measure {
    @Override
    public String toString() {
      return "prompt " + tokens;
    }
  }

  /** So many tokens, one by one, after {@code depth} others, in tokens per second. */
  record Generate(int tokens, int depth) implements Measure {
    @Override
    public String toString() {
      return "generate " + tokens + (depth > 0 ? " at " + depth : "");
    }
  }

  /** From starting the program to its end after one token, in seconds. */
  record FirstToken() implements Measure {
    @Override
    public String toString() {
      return "first token";
    }
  }

  /** How many times better {@code ours} is than {@code theirs}. */
  default double ratio(double ours, double theirs) {
    return this instanceof FirstToken ? theirs / ours : ours / theirs;
  }

  default String unit() {
    return this instanceof FirstToken ? "s" : "tokens/s";
  }
}
