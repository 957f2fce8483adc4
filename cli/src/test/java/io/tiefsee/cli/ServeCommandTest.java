package io.tiefsee.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.tiefsee.ledger.Ledger;
import io.tiefsee.server.ModelSource;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code tiefsee serve}. */
class ServeCommandTest {
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
    try (ServeProcess serving =
        ServeProcess.start(
            "--prefix-cache",
            prefixes.toString(),
            "--ledger",
            ledger.toString(),
            warm ? "--slots=4" : "--no-warmup")) {
      assertThat(serving.lines("serving ")).hasSize(1);
      assertThat(serving.lines("warmed up")).hasSize(warm ? 1 : 0);
      assertThat(serving.get("/health").body()).contains("\"status\":\"ok\"");
      assertThat(serving.get("/metrics").body())
          .containsPattern("tiefsee_prefix_miss_tokens_total\\{[^}]*\\} 0\\.0")
          .doesNotContain("tiefsee_tokens_total{")
          .doesNotContain("tiefsee_answers_total{")
          .doesNotContain("endpoint=\"/v1/chat/completions\"");
      try (Stream<Path> files = Files.walk(prefixes)) {
        assertThat(files.filter(Files::isRegularFile)).isEmpty();
      }
      assertThat(serving.stop()).as("SIGTERM").isEqualTo(143);
    }
    try (Ledger kept = Ledger.open(ledger, w -> {})) {
      assertThat(kept.size()).isZero();
    }
  }
}
