package io.tiefsee.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PullCommandTest {
  @ParameterizedTest
  @ValueSource(strings = {"pull", "rm"})
  void whatIsNoModelOfTheHubGetsOneLine(String command) {
    Cli.Result r = Cli.run(command, "no-such-name");
    assertThat(r.status()).isEqualTo(2);
    assertThat(r.err()).contains("hf:OWNER/REPO").contains("r1-distill-qwen-1.5b");
  }

  @Test
  void aModelThatWasNotPulledSaysHow() {
    Cli.Result r = Cli.run("run", "-m", "hf:nobody/Nothing:Q4_0", "Hello");
    assertThat(r.status()).isEqualTo(2);
    assertThat(r.err()).contains("is not here yet: tiefsee pull hf:nobody/Nothing:Q4_0");
  }

  @Test
  void shortNamesAreListed() {
    Cli.Result r = Cli.run("list", "--names");
    assertThat(r.status()).isZero();
    assertThat(r.out()).contains("r1-distill-llama-8b").contains("hf:unsloth/");
    assertThat(Cli.run("list", "--names", "--json").out()).startsWith("[{\"name\":");
  }
}
