package io.tiefsee.engine;

import io.tiefsee.kernel.KvLayer;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
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

  private static byte[] checksum(byte[] header, byte[] payload, int from, int length) {
    CRC32C crc = new CRC32C();
    crc.update(header, 0, HEADER);
    crc.update(payload, from, length);
    return ByteBuffer.allocate(CHECKSUM)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt((int) crc.getValue())
        .array();
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
    out.write(checksum(header, payload, 0, payload.length));
  }

  /**
   * Reads a file.
   *
   * @return the payload; empty if the file is sound, but of another page
   * @throws Broken if it is not what was written
   * @throws IOException if it is not there or cannot be read
   */
  static Optional<ByteBuffer> read(Path file, byte[] fingerprint, Key key, int payloadBytes)
      throws IOException {
    byte[] all = Files.readAllBytes(file);
    if (all.length != bytes(payloadBytes)) {
      throw new Broken(file + " has " + all.length + " bytes, not " + bytes(payloadBytes));
    }
    byte[] wanted = checksum(all, all, HEADER, payloadBytes);
    if (!Arrays.equals(wanted, 0, CHECKSUM, all, all.length - CHECKSUM, all.length)) {
      throw new Broken(file + " does not match its checksum");
    }
    if (!Arrays.equals(header(fingerprint, key, payloadBytes), 0, HEADER, all, 0, HEADER)) {
      return Optional.empty();
    }
    return Optional.of(ByteBuffer.wrap(all, HEADER, payloadBytes));
  }
}
