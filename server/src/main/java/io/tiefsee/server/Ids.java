package io.tiefsee.server;

import java.util.UUID;

/** Names for what an API gives out. */
final class Ids {
  private Ids() {}

  /** A new one: the prefix, an underscore and 32 hexadecimal digits. */
  static String of(String prefix) {
    return prefix + "_" + UUID.randomUUID().toString().replace("-", "");
  }
}
