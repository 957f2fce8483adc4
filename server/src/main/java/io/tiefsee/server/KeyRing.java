package io.tiefsee.server;

import io.tiefsee.config.ConfigReader;
import io.tiefsee.config.ConfigSource;
import io.tiefsee.server.ApiException.Kind;
import io.tiefsee.tensor.BadInput;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * The API keys of a server. The file is read again when it has changed, so keys come and go without
 * a restart; limits in use go on where their key has not changed. Thread-safe.
 */
final class KeyRing {
  private static final System.Logger LOG = System.getLogger(KeyRing.class.getName());
  private static final long CHECK_NANOS = 1_000_000_000;

  private final Optional<Path> file;
  private final LongSupplier clock;
  private final Caller anyone = Caller.anyone();
  private Map<String, Caller> callers = Map.of();
  private FileTime modified = FileTime.fromMillis(0);
  private long checked;

  /**
   * @param file empty lets everybody in
   * @param clock in nanoseconds
   * @throws BadInput if the file is broken or has no keys
   */
  KeyRing(Optional<Path> file, LongSupplier clock) {
    this.file = file;
    this.clock = clock;
    this.checked = clock.getAsLong();
    file.ifPresent(this::read);
  }

  private void read(Path path) {
    try {
      modified = Files.getLastModifiedTime(path);
    } catch (IOException e) {
      throw new BadInput(path + " cannot be read: " + BadInput.reason(e), e);
    }
    ConfigSource source = ConfigSource.of(path, List.of());
    KeyFile keys = new ConfigReader(source).read(KeyFile.class, KeyFile.DEFAULTS);
    if (keys.key().isEmpty()) {
      throw new BadInput(path + " has no [[key]]; tiefsee serve --new-key NAME makes one");
    }
    Map<String, Caller> read = new HashMap<>();
    for (ApiKey key : keys.key()) {
      Caller before = callers.get(key.sha256());
      boolean same = before != null && before.key().equals(key);
      if (read.put(key.sha256(), same ? before : Caller.of(key, clock)) != null) {
        throw new BadInput(path + ": the key of " + key.name() + " is there twice");
      }
    }
    callers = Map.copyOf(read);
  }

  private void readAgain(Path path) {
    long now = clock.getAsLong();
    if (now - checked < CHECK_NANOS) {
      return;
    }
    checked = now;
    try {
      if (!Files.getLastModifiedTime(path).equals(modified)) {
        read(path);
      }
    } catch (IOException | BadInput e) {
      LOG.log(Level.WARNING, "the keys stay as they were: " + e.getMessage());
    }
  }

  /**
   * The caller that a key belongs to.
   *
   * @param key as the request has it
   * @throws ApiException 401 if it is missing or unknown
   */
  synchronized Caller find(Optional<String> key) {
    if (file.isEmpty()) {
      return anyone;
    }
    readAgain(file.get());
    if (key.isEmpty()) {
      throw new ApiException(Kind.UNAUTHORIZED, "an API key is needed: Authorization: Bearer KEY");
    }
    return Optional.ofNullable(callers.get(ApiKey.sha256(key.get())))
        .orElseThrow(() -> new ApiException(Kind.UNAUTHORIZED, "this API key is not known"));
  }
}
