package io.tiefsee.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tiefsee.tensor.BadInput;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Runs, arena and prices for the page. */
class PageDataTest {
  @TempDir Path folder;

  private TestServer server(String key, Path value) {
    return TestServer.start(o -> o.with(key, value.toString()), TestServer.TINY);
  }

  @Test
  void runsAreListedAndFollowed() throws Exception {
    Path log = Files.createDirectories(folder.resolve("r1")).resolve("log.jsonl");
    Files.writeString(
        log, "{\"stage\":\"sft\",\"step\":1}\n{\"stage\":\"grpo\",\"step\":1}\n{\"st");
    Path old = Files.createDirectories(folder.resolve("old")).resolve("log.jsonl");
    Files.writeString(old, "no JSON\n{\"stage\":\"sft\",\"step\":9}\n");
    FileTime before = FileTime.from(Instant.parse("2026-01-01T00:00:00Z"));
    assertThat(Files.setLastModifiedTime(old, before)).exists();
    Path other = Files.createDirectories(folder.resolve("no-run"));
    assertThat(other).isDirectory();
    try (TestServer server = server("runs", folder)) {
      JsonNode runs = server.get("/tiefsee/v1/runs").json().path("runs");
      assertThat(runs.size()).isEqualTo(2);
      assertThat(runs.get(0).path("name").asString()).isEqualTo("r1");
      assertThat(runs.get(0).path("stage").asString()).isEqualTo("grpo");
      assertThat(runs.get(0).path("running").asBoolean()).isTrue();
      assertThat(runs.get(1).path("name").asString()).isEqualTo("old");
      assertThat(runs.get(1).path("running").asBoolean()).isFalse();
      assertThat(runs.get(1).path("updated").asString()).isEqualTo("2026-01-01T00:00:00Z");

      JsonNode first = server.get("/tiefsee/v1/runs/r1?from=0").json();
      assertThat(first.path("next").asInt()).isEqualTo(2);
      assertThat(first.path("lines").size()).isEqualTo(2);
      Files.writeString(log, "age\":\"grpo\",\"step\":2}\n", StandardOpenOption.APPEND);
      JsonNode more = server.get("/tiefsee/v1/runs/r1?from=2").json();
      assertThat(more.path("next").asInt()).isEqualTo(3);
      assertThat(more.path("lines").get(0).path("step").asInt()).isEqualTo(2);
      assertThat(server.get("/tiefsee/v1/runs/r1?from=1").json().path("lines").size()).isEqualTo(2);

      Files.writeString(log, "{\"stage\":\"sft\",\"step\":1}\n");
      JsonNode shorter = server.get("/tiefsee/v1/runs/r1?from=3").json();
      assertThat(shorter.path("next").asInt()).isEqualTo(1);
      assertThat(shorter.path("lines").size()).isZero();

      JsonNode broken = server.get("/tiefsee/v1/runs/old?from=0").json();
      assertThat(broken.path("next").asInt()).isEqualTo(2);
      assertThat(broken.path("lines").size()).isEqualTo(1);
      assertThat(server.get("/tiefsee/v1/runs/none").status()).isEqualTo(404);
      assertThat(server.get("/tiefsee/v1/runs/..%2Fr1").status()).isEqualTo(404);
      assertThat(server.get("/tiefsee/v1/runs/r1?from=x").status()).isEqualTo(400);
    }
  }

  @Test
  void theArenaIsGivenAsItStandsInTheFile() throws Exception {
    Path file = folder.resolve("arena.json");
    try (TestServer server = server("arena", file)) {
      assertThat(server.get("/tiefsee/v1/arena").status()).isEqualTo(404);
      Files.writeString(file, "{\"title\":\"one\",\"points\":[]}");
      assertThat(server.get("/tiefsee/v1/arena").json().path("title").asString()).isEqualTo("one");
      Files.writeString(file, "{\"title\":");
      TestServer.Reply broken = server.get("/tiefsee/v1/arena");
      assertThat(broken.status()).isEqualTo(400);
      assertThat(broken.body()).contains("run tiefsee arena again");
    }
  }

  @Test
  void withoutFoldersThereIsNothing() throws Exception {
    try (TestServer server = TestServer.start(TestServer.TINY)) {
      assertThat(server.get("/tiefsee/v1/runs").json().path("runs").size()).isZero();
      assertThat(server.get("/tiefsee/v1/remotes").json().path("remotes").size()).isZero();
      assertThat(server.get("/tiefsee/v1/arena").body()).contains("serve --arena FILE");
    }
  }

  @Test
  void thePriceOfAnAnswerElsewhereIsKnown() throws Exception {
    try (TestServer server = TestServer.start(TestServer.TINY)) {
      String usage =
          """
          {"model":"deepseek-reasoner","usage":{"prompt_tokens":1000000,
           "prompt_cache_hit_tokens":0,"completion_tokens":1000000,
           "completion_tokens_details":{"reasoning_tokens":900000}}}
          """;
      JsonNode price = server.post("/tiefsee/v1/price", usage).json();
      assertThat(price.path("currency").asString()).isEqualTo("EUR");
      assertThat(price.path("total").decimalValue()).isPositive();
      assertThat(price.path("name").asString()).isNotEmpty();
      assertThat(server.post("/tiefsee/v1/price", "{\"model\":\"nobody's\"}").status())
          .isEqualTo(404);
      assertThat(server.post("/tiefsee/v1/price", "{}").body()).contains("model must be given");
    }
  }

  @Test
  void aBrokenFileOfRemotesNamesItsLine() throws Exception {
    Path file = folder.resolve("remotes.toml");
    Files.writeString(file, "[[remote]]\nname = \"a\"\nurl = \"ftp://example.com\"\n");
    assertThatThrownBy(() -> Remotes.read(file))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("remotes.toml:3: url is like https://");
    Files.writeString(file, "[[remote]]\nname = \"a/b\"\n");
    assertThatThrownBy(() -> Remotes.read(file)).hasMessageContaining("remotes.toml:2: name");
    Files.writeString(file, "[[remote]]\nname = \"a\"\n[[remote]]\nname = \"a\"\n");
    assertThatThrownBy(() -> Remotes.read(file)).hasMessageContaining("two tables of the name a");
  }
}
