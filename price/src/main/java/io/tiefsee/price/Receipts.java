package io.tiefsee.price;

/** Where receipts are kept. Called by the threads that ask for receipts. */
@FunctionalInterface
public interface Receipts {
  /** Keeps nothing. */
  Receipts NOWHERE = (receipt, key) -> {};

  /**
   * @param key who pays: the name of an API key, or what the command is called
   */
  void add(Receipt receipt, String key);
}
