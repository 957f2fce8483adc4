package io.tiefsee.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** A chat whose lines are piped in. */
class ChatCommandTest {
  @TempDir Path folder;

  private Cli.Result chat(String lines, String... more) {
    String[] args = {"chat", "-m", Cli.TINY, "--temp", "0", "-n", "5"};
    String[] all = java.util.Arrays.copyOf(args, args.length + more.length);
    System.arraycopy(more, 0, all, args.length, more.length);
    return Cli.pipe(lines, all);
  }

  private JsonNode saved(String lines, String... more) throws Exception {
    Path file = folder.resolve("chat.json");
    Cli.Result r = chat(lines + "\n/save " + file + "\n", more);
    assertThat(r.status()).isZero();
    return new ObjectMapper().readTree(Files.readString(file)).path("messages");
  }

  @Test
  void theConversationGoesOn() throws Exception {
    JsonNode messages = saved("first\n\nsecond", "--system", "Be brief.");
    assertThat(messages.size()).isEqualTo(5);
    assertThat(messages.get(0).path("content").asString()).isEqualTo("Be brief.");
    assertThat(messages.get(1).path("content").asString()).isEqualTo("first");
    assertThat(messages.get(2).path("role").asString()).isEqualTo("assistant");
    assertThat(messages.get(3).path("content").asString()).isEqualTo("second");
  }

  @Test
  void answersAreWhatRunGives() {
    String run = Cli.run("run", "-m", Cli.TINY, "--temp", "0", "-n", "5", "-q", "first").out();
    Cli.Result r = chat("first\n/quit\nnever asked\n");
    assertThat(r.out()).isEqualTo(run);
    assertThat(r.err()).isEmpty();
  }

  @Test
  void messagesMayHaveSeveralLines() throws Exception {
    JsonNode messages = saved("one\\\ntwo\n\"\"\"three\n/four\n\"\"\"");
    assertThat(messages.get(0).path("content").asString()).isEqualTo("one\ntwo");
    assertThat(messages.get(2).path("content").asString()).isEqualTo("three\n/four");
  }

  @Test
  void regenerateReplacesTheAnswer() throws Exception {
    JsonNode messages = saved("hello\n/set max-tokens 2\n/regenerate");
    assertThat(messages.size()).isEqualTo(2);
    String longer = saved("hello").get(1).path("content").asString();
    assertThat(longer).startsWith(messages.get(1).path("content").asString());
  }

  @Test
  void loadBringsBackWhatWasSaved() throws Exception {
    JsonNode before = saved("hello", "--system", "Be brief.");
    Path copy = folder.resolve("copy.json");
    chat("/load " + folder.resolve("chat.json") + "\n/save " + copy + "\n");
    assertThat(new ObjectMapper().readTree(Files.readString(copy)).path("messages"))
        .isEqualTo(before);
    assertThat(saved("/load " + copy + "\n/system\n/clear").size()).isZero();
  }

  @Test
  void aMistakeIsOneLineAndTheChatGoesOn() throws Exception {
    String tooLong = "x ".repeat(600);
    Cli.Result r =
        chat(
            "/dance\n"
                + "/set temperature hot\n"
                + "/set top-p 7\n"
                + "/set nothing\n"
                + "/regenerate\n"
                + "/load /nowhere\n"
                + tooLong
                + "\n/stats\n");
    assertThat(r.status()).isZero();
    assertThat(r.out()).isEmpty();
    assertThat(r.err().lines())
        .satisfiesExactly(
            l -> assertThat(l).contains("/dance").contains("/help"),
            l -> assertThat(l).contains("hot"),
            l -> assertThat(l).contains("top-p"),
            l -> assertThat(l).contains("name and a value"),
            l -> assertThat(l).contains("no answer yet"),
            l -> assertThat(l).contains("/nowhere"),
            l -> assertThat(l).contains("512"),
            l -> assertThat(l).contains("answers: 0"));
    assertThat(saved(tooLong).size()).isZero();
  }
}
