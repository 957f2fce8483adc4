package io.tiefsee.format;

import io.tiefsee.tensor.BadInput;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** A file that appears whole or not at all: written under another name, then renamed. */
final class OutputFile {
  private static final int PIECE = 16 << 20;

  /** Writes the contents. */
  @FunctionalInterface
  interface Body {
    void write(OutputFile out) throws IOException;
  }

  private final FileChannel channel;

  private OutputFile(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Replaces {@code path} by what {@code body} writes.
   *
   * @throws BadInput if it cannot be written
   */
  static void write(Path path, Body body) {
    Path part = path.resolveSibling(path.getFileName() + ".part");
    try {
      try (FileChannel channel =
          FileChannel.open(
              part,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE)) {
        body.write(new OutputFile(channel));
        channel.force(true);
      }
      Files.move(part, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new BadInput(path + " cannot be written: " + BadInput.reason(e), e);
    } finally {
      part.toFile().delete();
    }
  }

  long position() throws IOException {
    return channel.position();
  }

  void write(byte[] bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }

  private void write(MemorySegment bytes) throws IOException {
    for (long at = 0; at < bytes.byteSize(); at += PIECE) {
      MemorySegment piece = bytes.asSlice(at, Math.min(PIECE, bytes.byteSize() - at));
      ByteBuffer buffer =
          piece.isNative()
              ? piece.asByteBuffer()
              : ByteBuffer.wrap(piece.toArray(ValueLayout.JAVA_BYTE));
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
    }
  }

  /** Zeros up to a multiple of {@code alignment}, counted from {@code start}. */
  void pad(long start, long alignment) throws IOException {
    write(new byte[Math.toIntExact(Math.floorMod(start - channel.position(), alignment))]);
  }

  /** Writes a tensor's data and makes sure that they are as many bytes as announced. */
  void write(TensorInfo info, TensorData data) throws IOException {
    long start = channel.position();
    data.writeTo(this::write);
    long written = channel.position() - start;
    if (written != info.bytes()) {
      throw new IllegalStateException(
          "tensor " + info.name() + " is " + info.bytes() + " bytes, but " + written + " came");
    }
  }
}
