package io.tiefsee.engine;

import io.tiefsee.tensor.BadInput;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * Pages of keys and values on disk: a file a page, in a folder a model, so that several engines can
 * share the cache's folder.
 *
 * <pre>folder/{fingerprint}/{chain value}.kv</pre>
 *
 * <p>A file is written under another name and then renamed, so a process that dies leaves whole
 * files and at most one unfinished one, which the next to come deletes. There is no fsync: after a
 * loss of power a file may be broken, which its checksum tells; it is then deleted. What is beyond
 * the cache's size goes, the least recently used first; the time of last use is the file's time.
 *
 * <p>A cache must not do harm: nothing here throws after {@link #open}. The first write that fails
 * ends all writing, with one warning. Thread-safe.
 */
final class PrefixStore {
  private static final String SUFFIX = ".kv";
  private static final String UNFINISHED = ".tmp";

  /** What is kept when the cache is too large, so that not every write has to look for space. */
  private static final double KEEP = 0.9;

  /** An unfinished file that is older has no writer any more, whatever its process says. */
  private static final long UNFINISHED_MILLIS = 600_000;

  /** Makes the names of unfinished files of this process distinct. */
  private static final AtomicLong WRITES = new AtomicLong();

  /** A page's time of use is not written more often than this. */
  private static final long TOUCH_MILLIS = 30_000;

  private final Path root;
  private final Path folder;
  private final long maxBytes;
  private final byte[] fingerprint;
  private final int pageBytes;
  private final Consumer<String> warnings;

  /** Chain values of the pages of this model, with the time of their last use. */
  private final Map<Long, Long> used = new ConcurrentHashMap<>();

  private final AtomicLong bytes = new AtomicLong();
  private volatile boolean writing = true;

  private record Entry(Path file, long size, long time) {}

  private PrefixStore(
      EngineOptions.DiskCache cache, byte[] fingerprint, int pageBytes, Consumer<String> warnings) {
    this.root = cache.folder();
    this.folder = root.resolve(HexFormat.of().formatHex(fingerprint, 0, 8));
    this.maxBytes = cache.maxBytes();
    this.fingerprint = fingerprint.clone();
    this.pageBytes = pageBytes;
    this.warnings = warnings;
  }

  /**
   * Opens a model's part of a cache; deletes what dead processes left unfinished.
   *
   * @param fingerprint of the model, 32 bytes
   * @param pageBytes bytes of a page's keys and values
   * @throws BadInput if the folder cannot be made or read
   */
  static PrefixStore open(
      EngineOptions.DiskCache cache, byte[] fingerprint, int pageBytes, Consumer<String> warnings) {
    PrefixStore store = new PrefixStore(cache, fingerprint, pageBytes, warnings);
    try {
      Files.createDirectories(store.folder, permissions("rwx------"));
      store.deleteUnfinished();
      store.bytes.set(store.entries().stream().mapToLong(Entry::size).sum());
    } catch (IOException e) {
      throw new BadInput(
          "the prefix cache's folder " + cache.folder() + " cannot be used: " + e.getMessage(), e);
    }
    return store;
  }

  /** For new files and folders, where the file system knows permissions. */
  private static FileAttribute<?>[] permissions(String mode) {
    return FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(mode))
        }
        : new FileAttribute<?>[0];
  }

  /** Files in all models' parts; others may delete them meanwhile. */
  private List<Path> files(String suffix) throws IOException {
    List<Path> files = new ArrayList<>();
    try (DirectoryStream<Path> parts = Files.newDirectoryStream(root)) {
      for (Path part : parts) {
        if (Files.isDirectory(part)) {
          try (DirectoryStream<Path> own = Files.newDirectoryStream(part, "*" + suffix)) {
            own.forEach(files::add);
          }
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return files;
  }

  /** The name of a file while it is written: {chain value}.{process}.{number}.tmp. */
  private Path unfinished(long chain) {
    long process = ProcessHandle.current().pid();
    return folder.resolve(
        HexFormat.of().toHexDigits(chain)
            + "."
            + process
            + "."
            + WRITES.incrementAndGet()
            + UNFINISHED);
  }

  private void deleteUnfinished() throws IOException {
    for (Path file : files(UNFINISHED)) {
      if (!hasWriter(file)) {
        Files.deleteIfExists(file);
      }
    }
  }

  private static boolean hasWriter(Path unfinished) {
    try {
      String[] parts = unfinished.getFileName().toString().split("\\.", 0);
      long age = System.currentTimeMillis() - Files.getLastModifiedTime(unfinished).toMillis();
      return parts.length == 4
          && age < UNFINISHED_MILLIS
          && ProcessHandle.of(Long.parseLong(parts[1])).isPresent();
    } catch (NumberFormatException | IOException e) {
      return false;
    }
  }

  /** All pages of all models; those of this one are then known by {@link #has}. */
  private List<Entry> entries() throws IOException {
    List<Entry> entries = new ArrayList<>();
    for (Path file : files(SUFFIX)) {
      try {
        long time = Files.getLastModifiedTime(file).toMillis();
        entries.add(new Entry(file, Files.size(file), time));
        chain(file).ifPresent(chain -> used.putIfAbsent(chain, time));
      } catch (NoSuchFileException e) {
        // Another engine has deleted it meanwhile.
      }
    }
    return entries;
  }

  /** The chain value that a file of this model is named by. */
  private Optional<Long> chain(Path file) {
    String name = file.getFileName().toString();
    if (!folder.equals(file.getParent()) || name.length() != 16 + SUFFIX.length()) {
      return Optional.empty();
    }
    try {
      return Optional.of(Long.parseUnsignedLong(name, 0, 16, 16));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  private Path file(long chain) {
    return folder.resolve(HexFormat.of().toHexDigits(chain) + SUFFIX);
  }

  /** Whether the page of this chain value is probably there. */
  boolean has(long chain) {
    return used.containsKey(chain);
  }

  /** Whether pages are still written. */
  boolean isWriting() {
    return writing;
  }

  /** Bytes of all pages of all models, as far as known here. */
  long bytes() {
    return bytes.get();
  }

  /** Room for a page's file. */
  ByteBuffer room() {
    return PrefixFile.room(pageBytes);
  }

  /**
   * The keys and values of a page; empty if they are not there or not to be trusted.
   *
   * @param room from {@link #room}; what is returned lies in it
   */
  Optional<ByteBuffer> read(PrefixFile.Key key, ByteBuffer room) {
    Path file = file(key.chain());
    try {
      Optional<ByteBuffer> payload = PrefixFile.read(file, fingerprint, key, room);
      if (payload.isPresent()) {
        touch(key);
      }
      return payload;
    } catch (PrefixFile.Broken e) {
      delete(file);
    } catch (IOException e) {
      // Deleted by another engine, or not readable: then it is computed.
    }
    used.remove(key.chain());
    return Optional.empty();
  }

  private void delete(Path file) {
    try {
      long size = Files.size(file);
      if (Files.deleteIfExists(file)) {
        bytes.addAndGet(-size);
      }
    } catch (IOException e) {
      // It stays, and is broken the next time too.
    }
  }

  /** Notes that a page was used. */
  void touch(PrefixFile.Key key) {
    // A page of a prefix counts as used after those behind it, which are worthless without it.
    long time = System.currentTimeMillis() - key.index();
    Long before = used.get(key.chain());
    if (before == null || time - before < TOUCH_MILLIS) {
      return;
    }
    used.put(key.chain(), time);
    try {
      Files.setLastModifiedTime(file(key.chain()), FileTime.fromMillis(time));
    } catch (IOException e) {
      used.remove(key.chain()); // another engine has deleted it
    }
  }

  /** Writes a page, if it is not there yet. */
  void write(PrefixFile.Key key, byte[] payload) {
    if (!writing || has(key.chain())) {
      return;
    }
    Path file = file(key.chain());
    Path unfinished = unfinished(key.chain());
    try {
      Files.createFile(unfinished, permissions("rw-------"));
      try (OutputStream out = Files.newOutputStream(unfinished)) {
        PrefixFile.write(out, fingerprint, key, payload);
      }
      long time = System.currentTimeMillis() - key.index();
      Files.setLastModifiedTime(unfinished, FileTime.fromMillis(time));
      Files.move(
          unfinished, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      used.put(key.chain(), time);
      if (bytes.addAndGet(PrefixFile.bytes(payload.length)) > maxBytes) {
        makeRoom();
      }
    } catch (IOException e) {
      writing = false;
      delete(unfinished);
      warnings.accept(
          "the prefix cache in " + root + " is not written any more: " + e.getMessage());
    }
  }

  /** Deletes what was not used for the longest time. */
  private void makeRoom() throws IOException {
    List<Entry> entries = entries();
    entries.sort(Comparator.comparingLong(Entry::time));
    long total = entries.stream().mapToLong(Entry::size).sum();
    for (Entry e : entries) {
      if (total <= maxBytes * KEEP) {
        break;
      }
      Files.deleteIfExists(e.file);
      chain(e.file).ifPresent(used::remove);
      total -= e.size;
    }
    bytes.set(total);
  }
}
