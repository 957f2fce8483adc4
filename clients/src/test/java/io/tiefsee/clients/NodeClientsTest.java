package io.tiefsee.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * npm's clients, each as a script of its own. Their packages are those of {@code
 * package-lock.json}, whose hashes npm checks. Where there is no node, or the packages cannot be
 * had, the tests are skipped with that reason.
 */
class NodeClientsTest {
  private static final Path SOURCES = Served.ROOT.resolve("clients/src/test/node");
  private static final Path FOLDER = Served.ROOT.resolve("clients/target/node");
  private static final long INSTALL_SECONDS = 180;
  private static final long RUN_SECONDS = 120;

  private static Optional<Served> served = Optional.empty();

  /** What a program printed, and how it ended. */
  private record Result(int exit, String output) {}

  @BeforeAll
  static void start() throws Exception {
    skipUnless(succeeds(Path.of("."), "node", "--version"), "there is no node on the PATH");
    skipUnless(succeeds(Path.of("."), "npm", "--version"), "there is no npm on the PATH");
    Files.createDirectories(FOLDER);
    try (Stream<Path> files = Files.list(SOURCES)) {
      for (Path file : files.toList()) {
        Path copy = FOLDER.resolve(file.getFileName().toString());
        Path ignored = Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
      }
    }
    Path wanted = FOLDER.resolve("package-lock.json");
    Path installed = FOLDER.resolve("node_modules/installed.json");
    if (!Files.exists(installed) || Files.mismatch(wanted, installed) >= 0) {
      skipUnless(
          succeeds(
              FOLDER,
              "npm",
              "ci",
              "--ignore-scripts",
              "--no-audit",
              "--no-fund",
              "--prefer-offline",
              "--fetch-retries=1"),
          "npm cannot get the packages of " + SOURCES.resolve("package-lock.json"));
      Path ignored = Files.copy(wanted, installed, StandardCopyOption.REPLACE_EXISTING);
    }
    served = Optional.of(Served.start());
  }

  private static void skipUnless(boolean there, String otherwise) {
    if (!there) {
      System.out.println("skipped: " + otherwise);
    }
    assumeTrue(there, otherwise);
  }

  @AfterAll
  static void stop() {
    served.ifPresent(Served::close);
  }

  @ParameterizedTest
  @ValueSource(strings = {"openai.mjs", "deepseek.mjs", "anthropic.mjs"})
  void aClientGetsWhatItExpects(String script) throws Exception {
    Result result = run(FOLDER, RUN_SECONDS, List.of("node", script, served.orElseThrow().url()));
    assertThat(result.output()).endsWith("ok\n");
    assertThat(result.exit()).isZero();
  }

  private static boolean succeeds(Path folder, String... command) throws Exception {
    try {
      return run(folder, INSTALL_SECONDS, List.of(command)).exit() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  private static Result run(Path folder, long seconds, List<String> command) throws Exception {
    Path output = Files.createTempFile("tiefsee-node", ".txt");
    try {
      Process process =
          new ProcessBuilder(command)
              .directory(folder.toFile())
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      boolean ended = process.waitFor(seconds, TimeUnit.SECONDS);
      if (!ended) {
        process.destroyForcibly().waitFor();
      }
      String text = Files.readString(output, StandardCharsets.UTF_8);
      return new Result(ended ? process.exitValue() : -1, text);
    } finally {
      Files.delete(output);
    }
  }
}
