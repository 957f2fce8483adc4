package io.tiefsee.cli;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

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

  @Test
  @Timeout(value = 3, unit = TimeUnit.MINUTES)
  void servesUntilItIsToldToStop() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@" + Cli.ROOT.resolve("jvm.options"),
                "-cp",
                classPath(),
                Main.class.getName(),
                "serve",
                "-m",
                Cli.TINY,
                "-p",
                "0",
                "--ledger",
                "off")
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
      HttpRequest health =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/health")).build();
      assertThat(client.send(health, HttpResponse.BodyHandlers.ofString()).statusCode())
          .isEqualTo(200);
      process.destroy(); // SIGTERM
      assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
      assertThat(process.exitValue()).isEqualTo(143);
    } finally {
      process.destroyForcibly();
    }
  }

  private static String classPath() {
    return System.getProperty(
        "surefire.test.class.path", System.getProperty("java.class.path", "") + File.pathSeparator);
  }
}
