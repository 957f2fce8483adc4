package io.tiefsee.sandbox;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** What the two processes say to each other. Has nothing but the JDK, as the child needs it. */
final class Wire {
  /** The child's first byte. */
  static final int READY = 0x52;

  static final int VALUE = 1;
  static final int FAILED = 2;
  static final int REFUSED = 3;

  /** A program may be this long; results have their own limit. */
  static final int MAX_TEXT = 1 << 20;

  private Wire() {}

  static void writeProgram(DataOutputStream out, Program program) throws IOException {
    writeText(out, program.source());
    writeText(out, program.function());
    out.writeInt(program.calls().size());
    for (String call : program.calls()) {
      writeText(out, call);
    }
    out.flush();
  }

  static Program readProgram(DataInputStream in) throws IOException {
    String source = readText(in, MAX_TEXT);
    String function = readText(in, MAX_TEXT);
    int calls = in.readInt();
    List<String> arguments = new ArrayList<>();
    for (int i = 0; i < calls; i++) {
      arguments.add(readText(in, MAX_TEXT));
    }
    return new Program(source, function, arguments);
  }

  static void writeText(DataOutputStream out, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  /**
   * @throws IOException if the stream ends, or the text is longer than {@code most} bytes
   */
  static String readText(DataInputStream in, int most) throws IOException {
    int length = in.readInt();
    if (length < 0 || length > most) {
      throw new IOException("a text of %d bytes".formatted(length));
    }
    return new String(in.readNBytes(length), StandardCharsets.UTF_8);
  }
}
