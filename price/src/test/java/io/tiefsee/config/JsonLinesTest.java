package io.tiefsee.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tiefsee.tensor.BadInput;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class JsonLinesTest {
  private static final Path PRLIMIT = Path.of("/usr/bin/prlimit");

  @TempDir Path dir;

  private static List<Integer> numbers(Path file) {
    return JsonLines.read(file).stream().map(JsonLinesTest::number).toList();
  }

  private static int number(JsonNode line) {
    return line.get("n").intValue();
  }

  @Test
  void aLineThatACrashHasCutIsDropped() throws Exception {
    Path file = dir.resolve("log.jsonl");
    try (JsonLines lines = JsonLines.open(file)) {
      lines.add(Map.of("n", 1));
    }
    Files.writeString(file, "{\"n\":", StandardOpenOption.APPEND);
    assertThat(numbers(file)).containsExactly(1);
    try (JsonLines lines = JsonLines.open(file)) {
      lines.add(Map.of("n", 2));
    }
    assertThat(numbers(file)).containsExactly(1, 2);
  }

  @Test
  void keepsWhatIsWantedAndGoesOn() {
    Path file = dir.resolve("log.jsonl");
    try (JsonLines lines = JsonLines.open(file)) {
      for (int n = 1; n <= 4; n++) {
        lines.add(Map.of("n", n));
      }
      lines.keep(line -> number(line) % 2 == 0);
      lines.add(Map.of("n", 5));
    }
    assertThat(numbers(file)).containsExactly(2, 4, 5);
  }

  @Test
  void aBrokenLineIsNamedByItsNumber() throws Exception {
    Path file = Files.writeString(dir.resolve("log.jsonl"), "{\"n\":1}\n[]\n");
    assertThatThrownBy(() -> JsonLines.read(file))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("log.jsonl:2 is no JSON object");
  }

  /** Writes a line, one that a file of 4 KB has no room for, and one that fits again. */
  static final class Writer {
    private Writer() {}

    public static void main(String[] args) {
      try (JsonLines lines = JsonLines.open(Path.of(args[0]))) {
        lines.add(Map.of("n", 1));
        try {
          lines.add(Map.of("n", 2, "text", "x".repeat(5000)));
        } catch (BadInput e) {
          lines.add(Map.of("n", 3));
        }
      }
    }
  }

  @Test
  void ofALineThatTheDiskHasNoRoomForNothingStays() throws Exception {
    assumeTrue(Files.isExecutable(PRLIMIT), "needs prlimit of util-linux");
    Path file = dir.resolve("log.jsonl");
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    Process process =
        new ProcessBuilder(
                PRLIMIT.toString(),
                "--fsize=4096",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                classPath,
                Writer.class.getName(),
                file.toString())
            .inheritIO()
            .start();
    assertThat(process.waitFor()).isZero();
    assertThat(numbers(file)).containsExactly(1, 3);
  }
}
