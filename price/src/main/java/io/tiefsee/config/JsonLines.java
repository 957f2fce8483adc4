package io.tiefsee.config;

import io.tiefsee.tensor.BadInput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
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
 * when the file is next opened. Not thread-safe.
 */
public final class JsonLines implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path path;
  private FileChannel channel;

  private JsonLines(Path path, FileChannel channel) {
    this.path = path;
    this.channel = channel;
  }

  /**
   * Opens a file to add to it; makes it if it is not there.
   *
   * @throws BadInput if it cannot be opened
   */
  public static JsonLines open(Path path) {
    try {
      FileChannel channel =
          FileChannel.open(
              path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      channel.truncate(wholeLines(channel));
      channel.position(channel.size());
      return new JsonLines(path, channel);
    } catch (IOException e) {
      throw failed(path, e);
    }
  }

  /** Bytes up to the last line's end. */
  private static long wholeLines(FileChannel channel) throws IOException {
    ByteBuffer one = ByteBuffer.allocate(1);
    for (long end = channel.size(); end > 0; end--) {
      channel.read(one.clear(), end - 1);
      if (one.get(0) == '\n') {
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
   * @throws BadInput if it cannot be written
   */
  public void add(Map<String, ?> object) {
    byte[] line = (JSON.writeValueAsString(object) + "\n").getBytes(StandardCharsets.UTF_8);
    try {
      ByteBuffer buffer = ByteBuffer.wrap(line);
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
    } catch (IOException e) {
      throw failed(path, e);
    }
  }

  /** Down to the disk. */
  public void sync() {
    try {
      channel.force(true);
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
      channel.close();
      Files.move(part, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      channel = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
      channel.position(channel.size());
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
      channel.close();
    } catch (IOException e) {
      throw failed(path, e);
    }
  }
}
