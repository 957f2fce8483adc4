package io.tiefsee.bench;

import io.tiefsee.tensor.BadInput;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Starts other programs and waits for them.
 *
 * @param limitSeconds how long a program may take
 */
record Child(long limitSeconds) {
  /**
   * What a program printed.
   *
   * @param out its standard output
   * @param err its standard error
   * @param seconds from start to end
   */
  record Output(String out, String err, double seconds) {}

  /**
   * Runs a program to its end.
   *
   * @throws BadInput if it cannot be started, fails or takes too long; with what it said last
   */
  Output run(Map<String, String> environment, List<String> command) {
    Path out = null;
    Path err = null;
    try {
      out = Files.createTempFile("tiefsee", ".out");
      err = Files.createTempFile("tiefsee", ".err");
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .redirectInput(ProcessBuilder.Redirect.from(devNull()))
              .redirectOutput(out.toFile())
              .redirectError(err.toFile());
      builder.environment().putAll(environment);
      long began = System.nanoTime();
      Process process = builder.start();
      if (!process.waitFor(limitSeconds, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
        throw new BadInput(
            String.join(" ", command) + " took more than " + limitSeconds + " s (--limit)");
      }
      double seconds = (System.nanoTime() - began) / 1e9;
      Output output = new Output(read(out), read(err), seconds);
      if (process.exitValue() != 0) {
        throw new BadInput(
            String.join(" ", command)
                + " ended with status "
                + process.exitValue()
                + ": "
                + tail(output.err.isBlank() ? output.out : output.err));
      }
      return output;
    } catch (IOException e) {
      throw new BadInput(command.getFirst() + " cannot be run: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BadInput("interrupted");
    } finally {
      delete(out);
      delete(err);
    }
  }

  private static java.io.File devNull() {
    return new java.io.File(java.io.File.separatorChar == '/' ? "/dev/null" : "NUL");
  }

  private static String read(Path file) throws IOException {
    return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
  }

  private static void delete(@org.jspecify.annotations.Nullable Path file) {
    if (file != null) {
      file.toFile().delete();
    }
  }

  private static String tail(String text) {
    List<String> lines = text.strip().lines().toList();
    return String.join(" | ", lines.subList(Math.max(0, lines.size() - 3), lines.size()));
  }
}
