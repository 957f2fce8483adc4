package io.tiefsee.server;

import java.util.UUID;

/** Names for what an API gives out. */
final class Ids {
  private Ids() {}

  /** A new one: the prefix and 32 hexadecimal digits. */
  static String of(String prefix) {
    return prefix + UUID.randomUUID().toString().replace("-", "");
  }
}
