package io.tiefsee.arena;

import java.util.List;

/**
 * Who answers, and how. Several ways of using the answers (one, or a vote over k) share them.
 *
 * @param name of the model and the machine, as in {@code smollm2, scalar}
 * @param remote whether it answers elsewhere, for a price per token
 * @param ks how many answers vote, ascending
 * @param fingerprint of everything that may change an answer or what it takes
 */
public record Contestant(
    String name, boolean remote, Protocol protocol, List<Integer> ks, String fingerprint) {
  public Contestant {
    ks = ks.stream().sorted().distinct().toList();
  }

  /**
   * @param identity what tells the model and where it runs from others
   */
  static Contestant of(
      String name, boolean remote, Protocol protocol, List<Integer> ks, Object... identity) {
    String print = Fingerprint.of(Fingerprint.of(identity).shortText(), protocol).shortText();
    return new Contestant(name, remote, protocol, ks, print);
  }

  /** The name with the thinking budget. */
  public String title() {
    return protocol.thinkingBudget() == 0 ? name : name + ", budget " + protocol.thinkingBudget();
  }

  /** Answers to each question that are needed. */
  public int samples() {
    return ks.getLast();
  }
}
