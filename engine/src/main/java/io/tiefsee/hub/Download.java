package io.tiefsee.hub;

import io.tiefsee.tensor.BadInput;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;

/** One file on its way: it grows as {@code NAME.part} and is renamed when it is right. */
final class Download {
  private static final int CHUNK = 1 << 20;
  private static final Duration SILENCE = Duration.ofSeconds(60);

  private final HubFile file;
  private final Path target;
  private final Path part;
  private final Hub.Progress progress;
  private volatile long lastByte;

  Download(HubFile file, Path folder, Hub.Progress progress) {
    this.file = file;
    this.target = folder.resolve(file.path());
    this.part = target.resolveSibling(target.getFileName() + ".part");
    this.progress = progress;
  }

  /**
   * Checks that what is missing fits the disk.
   *
   * @throws BadInput if it does not
   */
  static void checkRoom(Path folder, List<HubFile> files) {
    long missing = 0;
    for (HubFile f : files) {
      Path target = folder.resolve(f.path());
      Path part = target.resolveSibling(target.getFileName() + ".part");
      missing += Files.exists(target) ? 0 : f.size() - size(part);
    }
    try {
      Files.createDirectories(folder);
      long free = Files.getFileStore(folder).getUsableSpace();
      if (missing > free) {
        throw new BadInput(
            "the model needs %.1f GB more, but %s has only %.1f GB free"
                .formatted(missing / 1e9, folder, free / 1e9));
      }
    } catch (IOException e) {
      throw new BadInput(folder + " cannot be used: " + BadInput.reason(e), e);
    }
  }

  private static long size(Path file) {
    try {
      return Files.exists(file) ? Files.size(file) : 0;
    } catch (IOException e) {
      return 0;
    }
  }

  /** Whether the file is there, complete. */
  boolean isDone() {
    return Files.exists(target) && size(target) == file.size();
  }

  /** How many bytes are here already. */
  long begin() throws IOException {
    Path folder = target.getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    long have = size(part);
    if (have > file.size()) {
      Files.delete(part);
      return 0;
    }
    return have == file.size() ? 0 : have;
  }

  /**
   * Writes what comes.
   *
   * @param goesOn whether it begins where the part ends
   */
  void write(InputStream in, boolean goesOn) throws IOException {
    StandardOpenOption how =
        goesOn ? StandardOpenOption.APPEND : StandardOpenOption.TRUNCATE_EXISTING;
    lastByte = System.nanoTime();
    Thread guard = Thread.ofVirtual().start(() -> closeWhenSilent(in));
    try (OutputStream out = Files.newOutputStream(part, StandardOpenOption.CREATE, how)) {
      long done = goesOn ? size(part) : 0;
      byte[] chunk = new byte[CHUNK];
      for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
        lastByte = System.nanoTime();
        out.write(chunk, 0, n);
        done += n;
        progress.report(file.path(), done, file.size());
        if (done > file.size()) {
          break;
        }
      }
    } finally {
      guard.interrupt();
    }
    if (size(part) < file.size()) {
      throw new IOException("the connection ended early");
    }
  }

  /** A server that falls silent must not hold us for ever. */
  private void closeWhenSilent(InputStream in) {
    try {
      while (System.nanoTime() - lastByte < SILENCE.toNanos()) {
        Thread.sleep(1000);
      }
      in.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the download is over
    } catch (IOException e) {
      return; // it is closed
    }
  }

  /**
   * Checks the file and gives it its name.
   *
   * @throws BadInput if it is not what the hub has announced; it is deleted then
   */
  void finish() {
    try {
      boolean right =
          file.sha256().isPresent()
              ? hash("SHA-256", "").equals(file.sha256().get())
              : hash("SHA-1", "blob " + size(part) + "\0").equals(file.gitHash());
      if (size(part) != file.size() || !right) {
        Files.delete(part);
        throw new BadInput(
            file.path() + " arrived damaged and was deleted: run the same command again");
      }
      Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new BadInput(target + " cannot be written: " + BadInput.reason(e), e);
    }
  }

  private String hash(String algorithm, String before) throws IOException {
    try (InputStream in = Files.newInputStream(part)) {
      MessageDigest digest = MessageDigest.getInstance(algorithm);
      digest.update(before.getBytes(StandardCharsets.UTF_8));
      byte[] chunk = new byte[CHUNK];
      for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
        digest.update(chunk, 0, n);
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
