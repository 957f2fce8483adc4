package io.tiefsee.format;

import io.tiefsee.tensor.BadInput;
import io.tiefsee.tensor.Matrix;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A GGUF file, or all parts of a split one, memory-mapped. The metadata are the first part's. */
public final class GgufFile implements Weights {
  private static final Pattern PART = Pattern.compile("(.*)-(\\d{5})-of-(\\d{5})\\.gguf");
  private static final String SPLIT_COUNT = "split.count";
  private static final String SPLIT_NO = "split.no";
  private static final String SPLIT_TENSORS = "split.tensors.count";

  private final Path path;
  private final Arena arena;
  private final Map<String, Object> metadata;
  private final Map<String, Located> entries;
  private final long bytes;

  private GgufFile(
      Path path, Arena arena, Map<String, Object> metadata, Map<String, Located> entries) {
    this.path = path;
    this.arena = arena;
    this.metadata = metadata;
    this.entries = entries;
    bytes = entries.values().stream().mapToLong(e -> e.info().bytes()).sum();
  }

  /**
   * Opens a file and, if it is the first of several parts, the others beside it.
   *
   * @throws BadInput if a file is missing, truncated or damaged
   */
  public static GgufFile open(Path path) {
    Arena arena = Arena.ofShared();
    try {
      MappedFile file = MappedFile.open(path, arena);
      GgufHeader header = GgufHeader.read(file);
      Map<String, Located> entries = new LinkedHashMap<>();
      add(entries, file, header);
      if (number(file, header, SPLIT_COUNT) > 1) {
        addParts(entries, file, header, arena);
      }
      return new GgufFile(path, arena, header.metadata(), Collections.unmodifiableMap(entries));
    } catch (RuntimeException | Error e) {
      arena.close();
      throw e;
    }
  }

  private static void addParts(
      Map<String, Located> entries, MappedFile first, GgufHeader header, Arena arena) {
    long count = number(first, header, SPLIT_COUNT);
    Path path = first.path();
    Matcher name = PART.matcher(path.getFileName().toString());
    if (!name.matches() || Long.parseLong(name.group(3)) != count) {
      throw first.bad(
          "this is one of "
              + count
              + " parts, but its name does not end in "
              + "-00001-of-%05d.gguf, so the others cannot be found".formatted(count));
    }
    if (number(first, header, SPLIT_NO) != 0 || Integer.parseInt(name.group(2)) != 1) {
      throw first.bad("this is not the first part: open " + part(name, 1, count));
    }
    for (int i = 2; i <= count; i++) {
      Path next = path.resolveSibling(part(name, i, count));
      if (!Files.exists(next)) {
        throw new BadInput("part " + i + " of " + count + " is missing: there is no file " + next);
      }
      MappedFile file = MappedFile.open(next, arena);
      GgufHeader more = GgufHeader.read(file);
      if (number(file, more, SPLIT_COUNT) != count || number(file, more, SPLIT_NO) != i - 1) {
        throw file.bad("this file does not call itself part " + i + " of " + count);
      }
      add(entries, file, more);
    }
    long wanted = number(first, header, SPLIT_TENSORS);
    if (header.metadata().containsKey(SPLIT_TENSORS) && wanted != entries.size()) {
      throw first.bad(
          "the parts hold " + entries.size() + " tensors together, but should hold " + wanted);
    }
  }

  private static String part(Matcher name, int i, long count) {
    return "%s-%05d-of-%05d.gguf".formatted(name.group(1), i, count);
  }

  private static long number(MappedFile file, GgufHeader header, String key) {
    Object value = header.metadata().getOrDefault(key, 0L);
    if (value instanceof Long n && n >= 0) {
      return n;
    }
    throw file.bad(key + " is no count");
  }

  private static void add(Map<String, Located> entries, MappedFile file, GgufHeader header) {
    for (Located t : header.tensors()) {
      String name = t.info().name();
      if (entries.put(name, t) != null) {
        throw file.bad("tensor " + Quote.of(name) + " is already in another part");
      }
    }
  }

  @Override
  public Path path() {
    return path;
  }

  @Override
  public Map<String, Object> metadata() {
    return metadata;
  }

  @Override
  public List<TensorInfo> tensors() {
    List<TensorInfo> all = new ArrayList<>(entries.size());
    entries.values().forEach(e -> all.add(e.info()));
    return Collections.unmodifiableList(all);
  }

  @Override
  public Set<String> names() {
    return entries.keySet();
  }

  @Override
  public Optional<Matrix> find(String name) {
    Located e = entries.get(name);
    if (e == null) {
      return Optional.empty();
    }
    TensorInfo info = e.info();
    return Optional.of(Matrix.of(name, info.type(), info.rows(), info.cols(), e.data(arena)));
  }

  @Override
  public long bytes() {
    return bytes;
  }

  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
