package io.tiefsee.server;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A file of the page. Immutable: nobody changes the content's bytes.
 *
 * @param type media type
 * @param etag strong validator of the content, in quotes, as the header has it
 */
public record PageFile(String type, byte[] content, String etag) {
  static PageFile of(String type, byte[] content) {
    return new PageFile(type, content, '"' + sha256(content).substring(0, 32) + '"');
  }

  /** Whether the content of a client's {@code If-None-Match} is still this one. */
  public boolean matches(String ifNoneMatch) {
    for (String tag : ifNoneMatch.split(",")) {
      String strong = tag.strip().replaceFirst("^W/", "");
      if (strong.equals(etag) || strong.equals("*")) {
        return true;
      }
    }
    return false;
  }

  private static String sha256(byte[] content) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
