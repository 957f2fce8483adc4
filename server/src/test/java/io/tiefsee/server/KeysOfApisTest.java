package io.tiefsee.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What API keys mean to the APIs beside the chat. */
class KeysOfApisTest {
  private static final String ADA = ApiKey.random();
  private static final String BOB = ApiKey.random();
  private static final String EVE = ApiKey.random();

  @TempDir private static Path folder;
  private static TestServer server;

  @BeforeAll
  static void start() throws Exception {
    Path file = folder.resolve("keys.toml");
    String entry = "[[key]]\nname = \"%s\"\nsha256 = \"%s\"\n";
    Files.writeString(
        file,
        entry.formatted("ada", ApiKey.sha256(ADA))
            + entry.formatted("bob", ApiKey.sha256(BOB))
            + entry.formatted("eve", ApiKey.sha256(EVE))
            + "tokens_per_minute = 2\n");
    server = TestServer.start(o -> o.with("api_keys", file.toString()), TestServer.TINY);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void anthropicsErrorsAreItsOwn() throws Exception {
    TestServer.Reply reply = server.post("/anthropic/v1/messages", "{}");
    assertThat(reply.status()).isEqualTo(401);
    assertThat(reply.json().path("error").path("type").stringValue())
        .isEqualTo("authentication_error");
    assertThat(server.post("/anthropic/v1/messages", "{}", "x-api-key", ADA).status())
        .isEqualTo(400);
  }

  @Test
  void responsesAreKeptForTheirOwnerOnly() throws Exception {
    String id =
        server
            .post("/v1/responses", "{\"input\":\"a\",\"max_output_tokens\":2}", "x-api-key", ADA)
            .json()
            .path("id")
            .stringValue();
    assertThat(server.get("/v1/responses/" + id, "x-api-key", ADA).status()).isEqualTo(200);
    assertThat(server.get("/v1/responses/" + id, "x-api-key", BOB).status()).isEqualTo(404);
  }

  @Test
  void tokensThatAreOnlyReadCountToo() throws Exception {
    String body = "{\"input\":\"" + "many words ".repeat(30) + "\"}";
    assertThat(server.post("/v1/embeddings", body, "x-api-key", EVE).status()).isEqualTo(200);
    assertThat(server.post("/v1/embeddings", body, "x-api-key", EVE).status()).isEqualTo(429);
  }
}
