package io.tiefsee.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The command as a user starts it: {@code ./tiefsee}, which builds itself where it has to. */
@Timeout(value = 15, unit = TimeUnit.MINUTES)
class LauncherTest {
  @TempDir Path folder;

  private static Process start(Path folder, Map<String, String> environment, String... args)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Cli.ROOT.resolve("tiefsee").toAbsolutePath().toString());
    command.addAll(List.of(args));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(environment);
    return builder.redirectError(folder.resolve("err").toFile()).start();
  }

  private Cli.Result tiefsee(Map<String, String> environment, String... args) throws Exception {
    Process p = start(folder, environment, args);
    p.getOutputStream().close();
    String out = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Cli.Result(p.waitFor(), out, Files.readString(folder.resolve("err")));
  }

  /** Builds, so that the tests see no progress line. */
  @BeforeAll
  static void build(@TempDir Path folder) throws Exception {
    Process p = start(folder, Map.of(), "--version");
    String out = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(p.waitFor()).as(Files.readString(folder.resolve("err"))).isZero();
    assertThat(out).startsWith("tiefsee ");
  }

  @Test
  void answersAndSaysNothingElse() throws Exception {
    String tiny = Path.of(Cli.TINY).toAbsolutePath().toString();
    String[] args = {"run", "-m", tiny, "--tokens", "1,2,3", "--temp", "0", "-n", "3", "--json"};
    Cli.Result r = tiefsee(Map.of(), args);
    assertThat(r.err()).isEmpty();
    assertThat(r.status()).isZero();
    assertThat(r.json().path("tokens")).isEqualTo(Cli.run(args).json().path("tokens"));
  }

  @Test
  void badInputIsStatusTwoAndOneLine() throws Exception {
    Cli.Result r = tiefsee(Map.of(), "run", "-m", "nowhere.gguf", "Hello");
    assertThat(r.status()).isEqualTo(2);
    assertThat(r.err().lines()).singleElement().asString().startsWith("tiefsee: there is no file");
    assertThat(r.out()).isEmpty();
  }

  @Test
  void textIsUtf8InTheCLocaleToo() throws Exception {
    String tiny = Path.of(Cli.TINY).toAbsolutePath().toString();
    Map<String, String> locale = Map.of("LC_ALL", "C", "LANG", "C");
    JsonNode json = tiefsee(locale, "tokenize", "-m", tiny, "--no-bos", "--json", "Süß 海").json();
    assertThat(json.path("text").asString()).isEqualTo("Süß 海");
  }

  /** Whether this process ignores SIGINT, as jobs in the background do; its children then too. */
  private static boolean ignoresInterrupts() throws IOException {
    Path status = Path.of("/proc/self/status");
    if (!Files.exists(status)) {
      return false;
    }
    try (Stream<String> lines = Files.lines(status)) {
      return lines
          .filter(line -> line.startsWith("SigIgn:"))
          .anyMatch(line -> (Long.parseUnsignedLong(line.substring(7).strip(), 16) & 2) != 0);
    }
  }

  @Test
  void controlCKeepsWhatThereIs() throws Exception {
    assumeFalse(ignoresInterrupts(), "SIGINT is ignored where these tests were started");
    String tiny = Path.of(Cli.TINY).toAbsolutePath().toString();
    Process p =
        start(
            folder,
            Map.of(),
            "run",
            "-m",
            tiny,
            "--temp",
            "0",
            "--ignore-eos",
            "--activations",
            "f32",
            "-n",
            "450",
            "-q",
            "Hi");
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    InputStream in = p.getInputStream();
    out.write(in.read());
    assertThat(new ProcessBuilder("kill", "-INT", String.valueOf(p.pid())).start().waitFor())
        .isZero();
    in.transferTo(out);
    assertThat(p.waitFor()).isEqualTo(Main.INTERRUPTED);
    assertThat(Files.readString(folder.resolve("err"))).isEmpty();
    assertThat(out.toString(StandardCharsets.UTF_8)).endsWith("\n");
  }
}
