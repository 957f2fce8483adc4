package io.tiefsee.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.tiefsee.ledger.Filter;
import io.tiefsee.ledger.Ledger;
import io.tiefsee.ledger.Total;
import io.tiefsee.server.ModelSource;
import java.io.BufferedReader;
import java.io.File;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code tiefsee serve}. */
class ServeCommandTest {
  private static final Pattern LISTENING = Pattern.compile("listening on http://127.0.0.1:(\\d+)");

  @TempDir private Path folder;

  @Test
  void aPortInUseIsOneClearLine() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, java.net.InetAddress.getByName("127.0.0.1"))) {
      String port = String.valueOf(taken.getLocalPort());
      Cli.Result r = Cli.run("serve", "-m", Cli.TINY, "-p", port, "--ledger", "off");
      assertThat(r.status()).isEqualTo(Main.BAD_INPUT);
      assertThat(r.err().lines()).hasSize(1);
      assertThat(r.err()).contains("cannot listen on 127.0.0.1:" + port);
    }
  }

  @Test
  void whatIsWrongIsNamedWithItsPlace() throws Exception {
    assertThat(Cli.run("serve", "-p", "99999").err()).contains("--port").contains("65535");
    assertThat(Cli.run("serve", "--dialect", "latin").err()).contains("--dialect");
    Path config = Files.writeString(folder.resolve("serve.toml"), "slots = 4\nprot = 80\n");
    Cli.Result r = Cli.run("serve", "--config", config.toString());
    assertThat(r.status()).isEqualTo(Main.BAD_INPUT);
    assertThat(r.err()).contains("serve.toml:2").contains("did you mean port?");
  }

  @Test
  void aNewKeyIsPrintedForTheFile() {
    Cli.Result r = Cli.run("serve", "--new-key", "ada");
    assertThat(r.status()).isZero();
    assertThat(r.out())
        .containsPattern("# sk-tiefsee-\\S{43} is the key")
        .contains("[[key]]\nname = \"ada\"\nsha256 = \"");
  }

  @Test
  void modelsGetNames() {
    Path tiny = Path.of(Cli.TINY);
    assertThat(ServeCommand.source(Cli.TINY)).isEqualTo(new ModelSource("llama_tiny.Q4_0", tiny));
    assertThat(ServeCommand.source("small=" + Cli.TINY)).isEqualTo(new ModelSource("small", tiny));
  }

  /** A warm-up is in neither ledger nor metrics nor prefix cache. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @Timeout(value = 3, unit = TimeUnit.MINUTES)
  void servesUntilItIsToldToStop(boolean warm) throws Exception {
    Path prefixes = folder.resolve("prefixes");
    Path ledger = folder.resolve("ledger.db");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@" + Cli.ROOT.resolve("jvm.options"),
                "-Dtiefsee.home=" + Cli.ROOT.toAbsolutePath(),
                "-cp",
                classPath(),
                Main.class.getName(),
                "serve",
                "-m",
                Cli.TINY,
                "-p",
                "0",
                "--prefix-cache",
                prefixes.toString(),
                "--ledger",
                ledger.toString(),
                warm ? "--slots=4" : "--no-warmup")
            .start();
    try (BufferedReader err = process.errorReader();
        HttpClient client = HttpClient.newHttpClient()) {
      StringBuilder said = new StringBuilder();
      String port = "";
      while (!said.toString().contains("serving ")) {
        String line = err.readLine();
        assertThat(line).as(said.toString()).isNotNull();
        said.append(line).append('\n');
        Matcher listening = LISTENING.matcher(line);
        port = listening.find() ? listening.group(1) : port;
      }
      assertThat(said).contains("tokens/s");
      assertThat(said.toString().contains("warmed up")).isEqualTo(warm);
      assertThat(get(client, port, "/health")).contains("\"status\":\"ok\"");
      assertThat(get(client, port, "/metrics"))
          .containsPattern("tiefsee_prefix_miss_tokens_total\\{[^}]*\\} 0\\.0")
          .doesNotContain("tiefsee_tokens_total{")
          .doesNotContain("tiefsee_answers_total{")
          .doesNotContain("endpoint=\"/v1/chat/completions\"");
      try (Stream<Path> files = Files.walk(prefixes)) {
        assertThat(files.filter(Files::isRegularFile)).isEmpty();
      }
      process.destroy(); // SIGTERM
      assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
      assertThat(process.exitValue()).isEqualTo(143);
      try (Ledger kept = Ledger.open(ledger, w -> {})) {
        assertThat(kept.totals(Filter.ALL, EnumSet.of(Total.Group.MODEL))).isEmpty();
      }
    } finally {
      process.destroyForcibly();
    }
  }

  private static String get(HttpClient client, String port, String path) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build();
    HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
    assertThat(response.statusCode()).isEqualTo(200);
    return response.body();
  }

  private static String classPath() {
    return System.getProperty(
        "surefire.test.class.path", System.getProperty("java.class.path", "") + File.pathSeparator);
  }
}
