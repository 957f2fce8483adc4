package io.tiefsee.engine;

import io.tiefsee.kernel.KvLayer;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * The file of one page of keys and values:
 *
 * <pre>header | payload | CRC-32C of both</pre>
 *
 * The header says all that the payload depends on: model fingerprint, scope, chain values and the
 * page's own tokens (those before it are vouched for by the files before it). Little-endian.
 */
final class PrefixFile {
  /**
   * Which page.
   *
   * @param scope digest of the scope, 32 bytes
   * @param index of the page within its prefix
   * @param parent chain value of what comes before
   * @param chain chain value up to the page's end
   * @param tokens [{@link KvLayer#PAGE}]
   */
  record Key(byte[] scope, int index, long parent, long chain, int[] tokens) {}

  /** The file is not what was written. */
  static final class Broken extends IOException {
    private static final long serialVersionUID = 1;

    Broken(String message) {
      super(message);
    }
  }

  private static final long MAGIC = 0x31_45_47_41_50_56_4b_54L; // TKVPAGE1
  private static final int HEADER = 8 + 32 + 32 + 4 + 8 + 8 + 4 * KvLayer.PAGE + 8;
  private static final int CHECKSUM = 4;

  private PrefixFile() {}

  private static byte[] header(byte[] fingerprint, Key key, int payloadBytes) {
    ByteBuffer b = ByteBuffer.allocate(HEADER).order(ByteOrder.LITTLE_ENDIAN);
    b.putLong(MAGIC).put(fingerprint).put(key.scope);
    b.putInt(key.index).putLong(key.parent).putLong(key.chain);
    for (int token : key.tokens) {
      b.putInt(token);
    }
    b.putLong(payloadBytes);
    return b.array();
  }

  private static int checksum(byte[] header, ByteBuffer payload) {
    CRC32C crc = new CRC32C();
    crc.update(header);
    crc.update(payload);
    return (int) crc.getValue();
  }

  /** Bytes of a file with such a payload. */
  static long bytes(int payloadBytes) {
    return (long) HEADER + payloadBytes + CHECKSUM;
  }

  static void write(OutputStream out, byte[] fingerprint, Key key, byte[] payload)
      throws IOException {
    byte[] header = header(fingerprint, key, payload.length);
    out.write(header);
    out.write(payload);
    int sum = checksum(header, ByteBuffer.wrap(payload));
    out.write(ByteBuffer.allocate(CHECKSUM).order(ByteOrder.LITTLE_ENDIAN).putInt(sum).array());
  }

  /** Room for a file with such a payload, to be read into again and again. */
  static ByteBuffer room(int payloadBytes) {
    return ByteBuffer.allocateDirect(Math.toIntExact(bytes(payloadBytes)))
        .order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * Reads a file.
   *
   * @param room from {@link #room}; what is returned lies in it
   * @return the payload; empty if the file is sound, but of another page
   * @throws Broken if it is not what was written
   * @throws IOException if it is not there or cannot be read
   */
  static Optional<ByteBuffer> read(Path file, byte[] fingerprint, Key key, ByteBuffer room)
      throws IOException {
    try (FileChannel in = FileChannel.open(file)) {
      if (in.size() != room.capacity()) {
        throw new Broken(file + " has " + in.size() + " bytes, not " + room.capacity());
      }
      room.clear();
      while (room.hasRemaining()) {
        if (in.read(room) < 0) {
          throw new Broken(file + " got shorter");
        }
      }
    }
    int payloadBytes = room.capacity() - HEADER - CHECKSUM;
    byte[] header = new byte[HEADER];
    room.get(0, header);
    if (room.getInt(HEADER + payloadBytes) != checksum(header, room.slice(HEADER, payloadBytes))) {
      throw new Broken(file + " does not match its checksum");
    }
    return Arrays.equals(header(fingerprint, key, payloadBytes), header)
        ? Optional.of(room.slice(HEADER, payloadBytes))
        : Optional.empty();
  }
}
