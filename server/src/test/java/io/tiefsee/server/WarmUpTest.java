package io.tiefsee.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.tiefsee.price.CashierOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The warm-up, and what a server says before it is ready. */
class WarmUpTest {
  @Test
  void questionsAreAnsweredAndNoFileIsLeft() throws Exception {
    Set<Path> before = leftOver();
    try (WarmUp warmUp = new WarmUp(TestServer.EMBEDDED.path())) {
      // Each of four clients asks each of two servers at least once.
      assertThat(warmUp.run(Duration.ofMillis(1))).isGreaterThanOrEqualTo(8);
    }
    assertThat(leftOver()).isSubsetOf(before);
  }

  @Test
  void itEndsWhenItIsTold() throws Exception {
    WarmUp warmUp = new WarmUp(TestServer.EMBEDDED.path());
    warmUp.close();
    assertThat(warmUp.run(Duration.ofDays(1))).isEqualTo(8);
  }

  @Test
  void healthSays503UntilTheServerIsReady() throws Exception {
    ServerOptions options = ServerOptions.DEFAULTS.with("port", 0);
    try (Server server =
        Server.listen(options, List.of(TestServer.TINY), CashierOptions.defaults())) {
      assertThat(health(server)).startsWith("HTTP/1.1 503").contains("\"status\":\"loading\"");
      server.ready();
      assertThat(health(server)).startsWith("HTTP/1.1 200").contains("\"status\":\"ok\"");
    }
  }

  private static String health(Server server) throws IOException {
    try (RawClient client = new RawClient(server.port())) {
      client.send("GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
      return client.readToEnd();
    }
  }

  private static Set<Path> leftOver() throws IOException {
    try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
      return files
          .filter(f -> f.getFileName().toString().startsWith("tiefsee-warm-up"))
          .collect(Collectors.toSet());
    }
  }
}
