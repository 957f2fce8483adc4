package io.tiefsee.arena;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 over a list of values: equal lists have equal fingerprints, others do not. */
record Fingerprint(byte[] bytes) {
  static Fingerprint of(Object... values) {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
    for (Object value : values) {
      byte[] text = value.toString().getBytes(StandardCharsets.UTF_8);
      digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(text.length).flip());
      digest.update(text);
    }
    return new Fingerprint(digest.digest());
  }

  /** From 0 to 2^31 - 1. */
  long seed() {
    return ByteBuffer.wrap(bytes).getInt() & Integer.MAX_VALUE;
  }

  /** Sixteen hexadecimal digits: enough to tell the contestants of a run apart. */
  String shortText() {
    return HexFormat.of().formatHex(bytes, 0, 8);
  }
}
