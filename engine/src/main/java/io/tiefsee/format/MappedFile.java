package io.tiefsee.format;

import io.tiefsee.tensor.BadInput;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A whole file, mapped read-only. */
record MappedFile(Path path, MemorySegment data) {

  static MappedFile open(Path path, Arena arena) {
    if (!Files.isRegularFile(path)) {
      throw new BadInput(Files.exists(path) ? path + " is no file" : "there is no file " + path);
    }
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      return new MappedFile(path, channel.map(MapMode.READ_ONLY, 0, channel.size(), arena));
    } catch (IOException e) {
      throw new BadInput(path + " cannot be read: " + e.getMessage(), e);
    }
  }

  long size() {
    return data.byteSize();
  }

  BadInput bad(String what) {
    return new BadInput(path + ": " + what);
  }

  /** Bytes [from, from + bytes), at an address that {@code alignment} divides. */
  MemorySegment slice(long from, long bytes, int alignment, Arena arena) {
    MemorySegment part = data.asSlice(from, bytes);
    if (part.address() % alignment == 0) {
      return part;
    }
    // Rare: only files that do not align their tensors get here.
    return arena.allocate(bytes, 64).copyFrom(part);
  }
}
