package io.tiefsee.server;

import java.util.List;

/**
 * A file of API keys: {@code [[key]]} tables.
 *
 * @param key all of them
 */
public record KeyFile(List<ApiKey> key) {
  static final KeyFile DEFAULTS = new KeyFile(List.of());

  public KeyFile {
    key = List.copyOf(key);
  }
}
