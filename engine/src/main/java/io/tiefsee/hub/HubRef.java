package io.tiefsee.hub;

import io.tiefsee.tensor.BadInput;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A model on the hub: {@code hf:owner/repo}, {@code hf:owner/repo:quant}, or a short name such as
 * {@code r1-distill-qwen-1.5b}.
 *
 * @param quant part of the name of the GGUF file that is meant, like {@code Q4_K_M}
 */
public record HubRef(String owner, String repo, Optional<String> quant) {
  private static final String PREFIX = "hf:";
  private static final Pattern FORM =
      Pattern.compile("([A-Za-z0-9][A-Za-z0-9._-]*)/([A-Za-z0-9][A-Za-z0-9._-]*)(?::([\\w.-]+))?");

  /**
   * Reads a reference; empty if the text is of neither form.
   *
   * @throws BadInput if it begins with {@code hf:} but is broken
   */
  public static Optional<HubRef> parse(String text) {
    if (text.startsWith(PREFIX)) {
      Matcher m = FORM.matcher(text.substring(PREFIX.length()));
      if (!m.matches() || text.contains("..")) {
        throw new BadInput("'" + text + "' is no model of the hub: write hf:OWNER/REPO[:QUANT]");
      }
      return Optional.of(new HubRef(m.group(1), m.group(2), Optional.ofNullable(m.group(3))));
    }
    Optional<String> known = Optional.ofNullable(shortNames().get(text.toLowerCase(Locale.ROOT)));
    return known.flatMap(HubRef::parse);
  }

  /** Short names and what they stand for, in alphabetical order. */
  public static Map<String, String> shortNames() {
    Properties names = new Properties();
    try (var in = HubRef.class.getResourceAsStream("short-names.properties")) {
      if (in == null) {
        throw new IllegalStateException("short-names.properties is missing from the jar");
      }
      names.load(new InputStreamReader(in, StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Map<String, String> sorted = new TreeMap<>();
    names.forEach((name, ref) -> sorted.put(name.toString(), ref.toString()));
    return sorted;
  }

  /** {@code owner/repo}. */
  public String name() {
    return owner + "/" + repo;
  }

  @Override
  public String toString() {
    return PREFIX + name() + quant.map(q -> ":" + q).orElse("");
  }
}
