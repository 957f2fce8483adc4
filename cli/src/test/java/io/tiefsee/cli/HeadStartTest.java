package io.tiefsee.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tiefsee.engine.Engine;
import io.tiefsee.engine.EngineOptions;
import io.tiefsee.engine.ModelFiles;
import io.tiefsee.tensor.BadInput;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command line is not understood yet; so nothing of it may be taken for granted. */
final class HeadStartTest {
  private static final Path TINY = Path.of(Cli.TINY);

  @Test
  void findsTheModelWhereItIsAFile() {
    assertThat(HeadStart.model("run", "-n", "1", "--model", Cli.TINY, "Hello")).contains(TINY);
    assertThat(HeadStart.model("chat", "-m", Cli.TINY)).contains(TINY);
  }

  @Test
  void leavesAloneWhatIsNoFile() {
    assertThat(HeadStart.model("run", "Hello")).isEmpty();
    assertThat(HeadStart.model("run", "-m")).isEmpty();
    assertThat(HeadStart.model("run", "-m", "embedded")).isEmpty();
    assertThat(HeadStart.model("run", "-m", "\0")).isEmpty();
  }

  @Test
  void filesThatWereBegunAreHandedOutOnceAndOnlyToThoseWhoWantThem() {
    HeadStart.begin("run", "-m", Cli.TINY);
    try (ModelFiles first = HeadStart.files(TINY);
        ModelFiles second = HeadStart.files(TINY)) {
      assertThat(first).isNotSameAs(second);
    }
    HeadStart.begin("run", "-m", "pom.xml");
    // The command wants another model than the arguments made likely.
    try (Engine engine = Engine.open(HeadStart.files(TINY), EngineOptions.defaults())) {
      assertThat(engine.tokenizer()).isPresent();
    }
  }

  @Test
  void aBrokenModelIsReportedByTheCommand(@TempDir Path folder) throws Exception {
    Path broken = Files.writeString(folder.resolve("broken.gguf"), "GGUF, but no more");
    HeadStart.begin("run", "-m", broken.toString());
    assertThatThrownBy(() -> HeadStart.files(broken)).isInstanceOf(BadInput.class);
    String[] args = {"run", "-m", broken.toString(), "Hello"};
    HeadStart.begin(args);
    Cli.Result run = Cli.run(args);
    assertThat(run.status()).isEqualTo(Main.BAD_INPUT);
    assertThat(run.err().lines()).hasSize(1);
  }
}
