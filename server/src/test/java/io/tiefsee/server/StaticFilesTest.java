package io.tiefsee.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StaticFilesTest {
  private static final Path PAGE =
      Path.of(System.getProperty("tiefsee.root", ".."))
          .resolve("server/src/main/resources/io/tiefsee/server/page");

  private final StaticFiles files = new StaticFiles();

  @Test
  void theRootIsThePage() {
    PageFile page = files.at("/").orElseThrow();
    assertThat(page.type()).startsWith("text/html");
    assertThat(new String(page.content(), StandardCharsets.UTF_8)).startsWith("<!doctype html>");
    assertThat(files.at("/page/index.html")).contains(page);
  }

  @Test
  void aFileTellsWhetherAClientHasIt() {
    PageFile script = files.at("/page/js/app.js").orElseThrow();
    assertThat(script.type()).startsWith("text/javascript");
    assertThat(script.matches(script.etag())).isTrue();
    assertThat(script.matches("\"other\", W/" + script.etag())).isTrue();
    assertThat(script.matches("\"other\"")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/page/../StaticFiles.class",
        "/page/js/../../Server.class",
        "/page//js/app.js",
        "/page/js/",
        "/page/",
        "/page/./index.html",
        "/page/.hidden.js",
        "/page/js\\app.js",
        "/page/%2e%2e/StaticFiles.class",
        "/page/missing.js",
        "/elsewhere.js",
        ""
      })
  void nothingElseIsThere(String path) {
    assertThat(files.at(path)).isEmpty();
  }

  @Test
  void everyFileOfThePageIsServed() throws Exception {
    try (Stream<Path> all = Files.walk(PAGE)) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        String path = "/page/" + PAGE.relativize(file).toString().replace('\\', '/');
        assertThat(files.at(path)).as(path).isPresent();
      }
    }
  }

  @Test
  void whatOthersMadeIsUnchanged() throws Exception {
    Path vendor = PAGE.resolve("vendor");
    List<MatchResult> rows =
        rows(
                Files.readString(vendor.resolve("PROVENANCE.md")),
                "\\| `([^`]+)` \\|.*`([0-9a-f]{64})` \\|")
            .filter(row -> Files.isRegularFile(vendor.resolve(row.group(1))))
            .toList();
    for (MatchResult row : rows) {
      byte[] content = Files.readAllBytes(vendor.resolve(row.group(1)));
      assertThat(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content)))
          .as(row.group(1))
          .isEqualTo(row.group(2));
    }
    try (Stream<Path> all = Files.walk(vendor)) {
      assertThat(all.filter(Files::isRegularFile).map(f -> vendor.relativize(f).toString()))
          .filteredOn(name -> !name.startsWith("licenses/") && !name.equals("PROVENANCE.md"))
          .containsExactlyInAnyOrderElementsOf(rows.stream().map(row -> row.group(1)).toList());
    }
  }

  private static Stream<MatchResult> rows(String text, String pattern) {
    Matcher matcher = Pattern.compile(pattern).matcher(text);
    return matcher.results();
  }

  /** Fonts are left out: a browser fetches only those that a formula needs. */
  @Test
  void thePageIsSmall() throws Exception {
    try (Stream<Path> all = Files.walk(PAGE)) {
      long bytes =
          all.filter(Files::isRegularFile)
              .filter(file -> !file.toString().endsWith(".woff2"))
              .mapToLong(file -> file.toFile().length())
              .sum();
      assertThat(bytes).isBetween(100_000L, 1_500_000L);
    }
  }

  @Test
  void noFileOfThePagesOwnIsLong() throws Exception {
    try (Stream<Path> all = Files.walk(PAGE)) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        if (!file.startsWith(PAGE.resolve("vendor"))) {
          assertThat(Files.readAllLines(file)).as(file.toString()).hasSizeLessThan(400);
        }
      }
    }
  }

  @Test
  void theServerServesThePage() throws Exception {
    try (TestServer server = TestServer.start(TestServer.TINY)) {
      TestServer.Reply page = server.get("/");
      assertThat(page.status()).isEqualTo(200);
      assertThat(page.body()).contains("page/js/app.js");
      StaticFiles.HEADERS.forEach((name, value) ->
          assertThat(page.response().headers().firstValue(name)).as(name).contains(value));
      String etag = page.response().headers().firstValue("ETag").orElseThrow();
      TestServer.Reply again = server.get("/", "If-None-Match", etag);
      assertThat(again.status()).isEqualTo(304);
      assertThat(again.body()).isEmpty();
      assertThat(server.get("/page/js/app.js").status()).isEqualTo(200);
      assertThat(server.get("/page/js/none.js").status()).isEqualTo(404);
      assertThat(server.get("/page/%2e%2e/StaticFiles.class").status()).isEqualTo(404);
      TestServer.Reply view = server.get("/monitor");
      assertThat(view.status()).isEqualTo(302);
      assertThat(view.response().headers().firstValue("Location")).contains("./#/monitor");
    }
  }

  @Test
  void nothingButThePagesOwnFilesMayBeLoaded() {
    assertThat(StaticFiles.HEADERS.get("Content-Security-Policy"))
        .contains("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'")
        .doesNotContain("unsafe", "http:", "https:", "*");
  }
}
