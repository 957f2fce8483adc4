package io.tiefsee.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EmbeddedModelTest {
  private static final String HOME = "tiefsee.home";
  private static final String BEFORE = System.getProperty(HOME, "");

  @TempDir private Path home = Path.of("");

  @BeforeEach
  void aModelLiesThere() throws IOException {
    Path folder = Files.createDirectories(home.resolve("models/embedded"));
    Files.writeString(folder.resolve("README.md"), "not this one");
    Files.copy(Path.of(Cli.TINY), folder.resolve("tiny.gguf"));
    System.setProperty(HOME, home.toString());
  }

  @AfterEach
  void restore() {
    System.setProperty(HOME, BEFORE);
  }

  @Test
  void isTheDefaultAndHasAName() {
    Cli.Result named =
        Cli.run("run", "-m", Cli.TINY, "Hello", "--temperature", "0", "-n", "8", "--quiet");
    Cli.Result byDefault = Cli.run("run", "Hello", "--temperature", "0", "-n", "8", "--quiet");
    Cli.Result embedded =
        Cli.run("run", "-m", "embedded", "Hello", "--temperature", "0", "-n", "8", "--quiet");
    assertThat(named.status()).isZero();
    assertThat(named.out()).isNotBlank();
    assertThat(byDefault).isEqualTo(named);
    assertThat(embedded).isEqualTo(named);
  }

  @Test
  void withoutItTheMessageSaysWhatToDo() {
    System.setProperty(HOME, home.resolve("nowhere").toString());
    Cli.Result r = Cli.run("run", "-m", "embedded", "Hello");
    assertThat(r.status()).isEqualTo(2);
    assertThat(r.err())
        .contains("the embedded one is not there")
        .contains("tiefsee pull r1-distill-qwen-1.5b");
  }
}
