package io.tiefsee.format;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One safetensors file by itself, mapped: checkpoints and adapters, which are no models. */
public final class SafetensorsFile implements AutoCloseable {
  private final Arena arena;
  private final Map<String, Located> tensors = new LinkedHashMap<>();

  private SafetensorsFile(Path path, Arena arena) {
    this.arena = arena;
    MappedFile file = MappedFile.open(path, arena);
    SafetensorsHeader.read(file).tensors().forEach(t -> tensors.put(t.info().name(), t));
  }

  /**
   * Opens a file.
   *
   * @throws io.tiefsee.tensor.BadInput if it cannot be read or anything in it is broken
   */
  public static SafetensorsFile open(Path path) {
    Arena arena = Arena.ofShared();
    try {
      return new SafetensorsFile(path, arena);
    } catch (RuntimeException | Error e) {
      arena.close();
      throw e;
    }
  }

  /** All tensors of a type that holds weights, in the order of the file. */
  public List<TensorInfo> tensors() {
    return tensors.values().stream().map(Located::info).toList();
  }

  /** A tensor's bytes as they are stored, valid until {@link #close}. */
  public Optional<MemorySegment> data(String name) {
    return Optional.ofNullable(tensors.get(name)).map(t -> t.data(arena));
  }

  /** Unmaps the file. */
  @Override
  public void close() {
    arena.close();
  }
}
