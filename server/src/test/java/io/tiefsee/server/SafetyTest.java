package io.tiefsee.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tiefsee.tensor.BadInput;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.KeyStore;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Keys, TLS, origins of pages, sizes of bodies. */
class SafetyTest {
  private static final String PATH = "/v1/chat/completions";
  private static final String BODY =
      "{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],\"max_tokens\":2}";

  @TempDir private Path folder;

  private Path keys(String name, String key, String more) throws Exception {
    Path file = folder.resolve("keys.toml");
    Files.writeString(
        file,
        "[[key]]\nname = \"%s\"\nsha256 = \"%s\"\n%s\n".formatted(name, ApiKey.sha256(key), more));
    return file;
  }

  private static TestServer withKeys(Path file) {
    return TestServer.start(o -> o.with("api_keys", file.toString()), TestServer.TINY);
  }

  @Test
  void onlyWhoHasAKeyGetsIn() throws Exception {
    String key = ApiKey.random();
    try (TestServer server = withKeys(keys("ada", key, ""))) {
      TestServer.Reply none = server.post(PATH, BODY);
      assertThat(none.status()).isEqualTo(401);
      assertThat(none.json().path("error").path("code").stringValue()).isEqualTo("invalid_api_key");
      assertThat(server.post(PATH, BODY, "Authorization", "Bearer wrong").status()).isEqualTo(401);
      assertThat(server.get("/v1/models").status()).isEqualTo(401);
      assertThat(server.get("/health").status()).isEqualTo(200);
      assertThat(server.post(PATH, BODY, "Authorization", "Bearer " + key).status()).isEqualTo(200);
      assertThat(server.post(PATH, BODY, "x-api-key", key).status()).isEqualTo(200);
    }
  }

  @Test
  void limitsOfAKeyHoldAndSayWhenTheyEnd() throws Exception {
    String key = ApiKey.random();
    try (TestServer server = withKeys(keys("ada", key, "requests_per_minute = 1"))) {
      assertThat(server.post(PATH, BODY, "x-api-key", key).status()).isEqualTo(200);
      TestServer.Reply second = server.post(PATH, BODY, "x-api-key", key);
      assertThat(second.status()).isEqualTo(429);
      long after =
          Long.parseLong(second.response().headers().firstValue("Retry-After").orElseThrow());
      assertThat(after).isBetween(1L, 60L);
    }
  }

  @Test
  void aChangedFileCountsAtOnce() throws Exception {
    String before = ApiKey.random();
    String after = ApiKey.random();
    Path file = keys("ada", before, "");
    long[] now = {0};
    KeyRing ring = new KeyRing(Optional.of(file), () -> now[0]);
    assertThat(ring.find(Optional.of(before)).name()).isEqualTo("ada");
    Path changed = keys("bob", after, "");
    Files.setLastModifiedTime(changed, FileTime.from(Instant.now().plusSeconds(60)));
    now[0] += TimeUnit.SECONDS.toNanos(2);
    assertThat(ring.find(Optional.of(after)).name()).isEqualTo("bob");
    assertThatThrownBy(() -> ring.find(Optional.of(before))).isInstanceOf(ApiException.class);
    Files.writeString(changed, "broken");
    Files.setLastModifiedTime(changed, FileTime.from(Instant.now().plusSeconds(120)));
    now[0] += TimeUnit.SECONDS.toNanos(2);
    assertThat(ring.find(Optional.of(after)).name()).isEqualTo("bob");
  }

  @Test
  void aFileWithoutKeysIsRefused() throws Exception {
    Path file = Files.writeString(folder.resolve("empty.toml"), "");
    assertThatThrownBy(() -> withKeys(file))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("has no [[key]]");
  }

  @Test
  void foreignPagesMayNotCall() throws Exception {
    try (TestServer server =
        TestServer.start(
            o -> o.with("cors_origins", new String[] {"https://good.example"}), TestServer.TINY)) {
      assertThat(server.post(PATH, BODY, "Origin", "https://evil.example").status()).isEqualTo(403);
      String own = "http://127.0.0.1:" + server.server.port();
      assertThat(server.post(PATH, BODY, "Origin", own).status()).isEqualTo(200);
      TestServer.Reply good = server.post(PATH, BODY, "Origin", "https://good.example");
      assertThat(good.status()).isEqualTo(200);
      assertThat(good.response().headers().firstValue("Access-Control-Allow-Origin"))
          .contains("https://good.example");
      HttpRequest preflight =
          server
              .request(
                  PATH,
                  "Origin",
                  "https://good.example",
                  "Access-Control-Request-Headers",
                  "authorization")
              .method("OPTIONS", HttpRequest.BodyPublishers.noBody())
              .build();
      TestServer.Reply reply = server.send(preflight);
      assertThat(reply.status()).isEqualTo(204);
      assertThat(reply.response().headers().firstValue("Access-Control-Allow-Headers"))
          .contains("authorization");
    }
  }

  @Test
  void aForeignNameForThisMachineIsRefused() throws Exception {
    try (TestServer server = TestServer.start(TestServer.TINY)) {
      assertThat(statusAt("evil.example", server)).isEqualTo(403);
      assertThat(statusAt("127.0.0.1.evil.example", server)).isEqualTo(403);
      assertThat(statusAt("127.evil.example", server)).isEqualTo(403);
      assertThat(statusAt("localhost", server)).isEqualTo(200);
      assertThat(statusAt("tiefsee.localhost", server)).isEqualTo(200);
      assertThat(statusAt("127.0.0.2", server)).isEqualTo(200);
      assertThat(statusAt("[::1]", server)).isEqualTo(200);
    }
  }

  private static int statusAt(String host, TestServer server) throws Exception {
    try (RawClient client = new RawClient(server.server.port())) {
      client.send("GET /v1/models HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
      return Integer.parseInt(client.readLine().split(" ", -1)[1]);
    }
  }

  @Test
  void anOversizedBodyIsRefusedAndTheAnswerArrives() throws Exception {
    try (TestServer server = TestServer.start(o -> o.with("max_body", 4096), TestServer.TINY)) {
      assertThat(server.post(PATH, "x".repeat(4 << 20)).status()).isEqualTo(413);
      try (RawClient client = new RawClient(server.server.port())) {
        client.send(
            "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n"
                + "Transfer-Encoding: chunked\r\n\r\n");
        client.send("1000\r\n" + "x".repeat(4096) + "\r\n");
        client.send("1000\r\n" + "x".repeat(4096) + "\r\n");
        assertThat(client.readLine()).startsWith("HTTP/1.1 413");
      }
      assertThat(server.post(PATH, BODY).status()).isEqualTo(200);
    }
  }

  @Test
  void certificatesMakeItHttps() throws Exception {
    Path store = folder.resolve("keys.p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "server",
                "-keyalg",
                "EC",
                "-dname",
                "CN=localhost",
                "-ext",
                "san=ip:127.0.0.1",
                "-storetype",
                "PKCS12",
                "-keystore",
                store.toString(),
                "-storepass",
                "secret")
            .redirectErrorStream(true)
            .start();
    String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(keytool.waitFor()).as(said).isZero();
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, "secret".toCharArray());
    }
    Path key = folder.resolve("key.pem");
    Path cert = folder.resolve("cert.pem");
    Files.writeString(
        key, pem("PRIVATE KEY", keys.getKey("server", "secret".toCharArray()).getEncoded()));
    Files.writeString(cert, pem("CERTIFICATE", keys.getCertificate("server").getEncoded()));
    try (TestServer server =
            TestServer.start(
                o -> o.with(Map.of("tls_key", key.toString(), "tls_cert", cert.toString())),
                TestServer.TINY);
        HttpClient client = HttpClient.newBuilder().sslContext(trusting(keys)).build()) {
      HttpRequest request =
          HttpRequest.newBuilder(
                  URI.create("https://127.0.0.1:" + server.server.port() + "/v1/models"))
              .build();
      HttpResponse<String> reply = client.send(request, HttpResponse.BodyHandlers.ofString());
      assertThat(reply.statusCode()).isEqualTo(200);
      assertThat(reply.version()).isEqualTo(HttpClient.Version.HTTP_2);
    }
    assertThatThrownBy(() -> ServerOptions.DEFAULTS.with("tls_key", "x"))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("belong together");
  }

  private static String pem(String what, byte[] bytes) {
    return "-----BEGIN %s-----\n%s\n-----END %s-----\n"
        .formatted(what, Base64.getMimeEncoder().encodeToString(bytes), what);
  }

  private static SSLContext trusting(KeyStore keys) throws Exception {
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry("server", keys.getCertificate("server"));
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }
}
