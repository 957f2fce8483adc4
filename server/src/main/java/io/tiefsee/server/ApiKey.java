package io.tiefsee.server;

import io.tiefsee.tensor.BadInput;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;

/**
 * A key and what its owner may do with it. The key itself is nowhere, only its SHA-256: keys are
 * random, so a salt would add nothing.
 *
 * @param name of the owner, for limits and receipts
 * @param sha256 of the key, in hexadecimal
 * @param requestsPerMinute at most; 0 for no limit
 * @param tokensPerMinute of prompts and answers together, at most; 0 for no limit
 * @param concurrency requests at once; 0 for no limit
 * @param budgetPerDay money that its answers may cost a day, in the price book's currency
 */
public record ApiKey(
    String name,
    String sha256,
    int requestsPerMinute,
    int tokensPerMinute,
    int concurrency,
    Optional<BigDecimal> budgetPerDay) {
  public static final ApiKey DEFAULTS = unlimited("anyone", "0".repeat(64));

  private static final String PREFIX = "sk-tiefsee-";
  private static final int BYTES = 32;

  public ApiKey {
    if (name.isBlank()) {
      throw new BadInput("name is missing: it says whose key it is");
    }
    if (!sha256.matches("[0-9a-f]{64}")) {
      throw new BadInput(
          "sha256 has to be 64 hexadecimal digits; tiefsee serve --new-key makes it");
    }
    require(requestsPerMinute, "requests_per_minute");
    require(tokensPerMinute, "tokens_per_minute");
    require(concurrency, "concurrency");
  }

  /** A key without limits. */
  public static ApiKey unlimited(String name, String sha256) {
    return new ApiKey(name, sha256, 0, 0, 0, Optional.empty());
  }

  private static void require(int value, String key) {
    if (value < 0) {
      throw new BadInput(key + " is " + value + ", but must be 0 (no limit) or more");
    }
  }

  /** A new key: 256 random bits. */
  public static String random() {
    byte[] bytes = new byte[BYTES];
    new SecureRandom().nextBytes(bytes);
    return PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /** By what a key is known. */
  public static String sha256(String key) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
