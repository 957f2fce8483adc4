package io.tiefsee.config;

import io.tiefsee.tensor.BadInput;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * A file of JSON objects, one a line, that is only added to. A line that a crash has cut is dropped
 * when the file is next opened. Unlike a channel it survives the interruption of a thread that
 * writes. Not thread-safe.
 */
public final class JsonLines implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path path;
  private RandomAccessFile file;

  private JsonLines(Path path, RandomAccessFile file) {
    this.path = path;
    this.file = file;
  }

  /**
   * Opens a file to add to it; makes it if it is not there.
   *
   * @throws BadInput if it cannot be opened
   */
  public static JsonLines open(Path path) {
    try {
      // Fails with a better reason than the next line would.
      Files.newOutputStream(path, StandardOpenOption.CREATE, StandardOpenOption.APPEND).close();
      RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw");
      try {
        file.setLength(wholeLines(file));
        file.seek(file.length());
        return new JsonLines(path, file);
      } catch (IOException | RuntimeException e) {
        file.close();
        throw e;
      }
    } catch (IOException e) {
      throw failed(path, e);
    }
  }

  /** Bytes up to the last line's end. */
  private static long wholeLines(RandomAccessFile file) throws IOException {
    for (long end = file.length(); end > 0; end--) {
      file.seek(end - 1);
      if (file.read() == '\n') {
        return end;
      }
    }
    return 0;
  }

  /**
   * Reads a file.
   *
   * @throws BadInput with the line's number if one is no JSON object; a cut last one is left out
   */
  public static List<JsonNode> read(Path path) {
    String text;
    try {
      text = Files.readString(path);
    } catch (IOException e) {
      throw new BadInput(path + " cannot be read: " + BadInput.reason(e), e);
    }
    List<JsonNode> list = new ArrayList<>();
    int number = 0;
    for (int from = 0; from < text.length(); ) {
      number++;
      int end = text.indexOf('\n', from);
      String line = text.substring(from, end < 0 ? text.length() : end);
      from = end < 0 ? text.length() : end + 1;
      try {
        JsonNode node = JSON.readTree(line);
        if (!node.isObject()) {
          throw new BadInput(path + ":" + number + " is no JSON object");
        }
        list.add(node);
      } catch (JacksonException e) {
        if (end >= 0) {
          throw new BadInput(
              path + ":" + number + " is no valid JSON: " + e.getOriginalMessage(), e);
        }
      }
    }
    return list;
  }

  /**
   * Adds a line in one write.
   *
   * @throws BadInput if it cannot be written; then nothing of it is in the file
   */
  public void add(Map<String, ?> object) {
    byte[] line = (JSON.writeValueAsString(object) + "\n").getBytes(StandardCharsets.UTF_8);
    try {
      long end = file.getFilePointer();
      try {
        file.write(line);
      } catch (IOException e) {
        // A disk that is full takes the beginning of a line; the next would stand behind that.
        file.setLength(end);
        file.seek(end);
        throw e;
      }
    } catch (IOException e) {
      throw failed(path, e);
    }
  }

  /** Down to the disk. */
  public void sync() {
    try {
      file.getFD().sync();
    } catch (IOException e) {
      throw failed(path, e);
    }
  }

  /** Keeps the lines that fit, and replaces the file in one go. */
  public void keep(Predicate<JsonNode> wanted) {
    List<JsonNode> all = read(path);
    List<JsonNode> kept = all.stream().filter(wanted).toList();
    if (kept.size() == all.size()) {
      return;
    }
    StringBuilder text = new StringBuilder();
    kept.forEach(n -> text.append(JSON.writeValueAsString(n)).append('\n'));
    Path part = path.resolveSibling(path.getFileName() + ".part");
    try {
      Files.writeString(part, text);
      Durable.sync(part);
      file.close();
      Files.move(part, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      file = new RandomAccessFile(path.toFile(), "rw");
      file.seek(file.length());
    } catch (IOException e) {
      throw failed(path, e);
    }
  }

  private static BadInput failed(Path path, IOException e) {
    return new BadInput(path + " cannot be written: " + BadInput.reason(e), e);
  }

  @Override
  public void close() {
    try {
      file.close();
    } catch (IOException e) {
      throw failed(path, e);
    }
  }
}
