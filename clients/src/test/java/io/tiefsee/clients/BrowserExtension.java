package io.tiefsee.clients;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Playwright;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * One Chromium for all tests of a run, closed at its end. Where there is none, the tests are
 * skipped with that reason. {@code -Dtiefsee.chromium=PATH} names one that is not on the PATH.
 */
final class BrowserExtension implements BeforeEachCallback {
  private static final List<String> NAMES =
      List.of("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome");

  private Optional<Browser> browser = Optional.empty();

  /** The browser; within a test. */
  Browser browser() {
    return browser.orElseThrow();
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    Optional<Path> program = find();
    Assumptions.assumeTrue(
        program.isPresent(), "no Chromium on the PATH (install chromium, or -Dtiefsee.chromium=)");
    browser =
        Optional.of(
            context
                .getRoot()
                .getStore(ExtensionContext.Namespace.GLOBAL)
                .computeIfAbsent(
                    Shared.class, key -> new Shared(program.orElseThrow()), Shared.class)
                .browser);
  }

  static Optional<Path> find() {
    String said = System.getProperty("tiefsee.chromium", "");
    Stream<Path> onPath =
        Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
            .flatMap(folder -> NAMES.stream().map(name -> Path.of(folder, name)));
    return Stream.concat(said.isEmpty() ? Stream.of() : Stream.of(Path.of(said)), onPath)
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** A browser and what drives it. */
  static final class Shared implements AutoCloseable {
    private final Playwright playwright;
    final Browser browser;

    Shared(Path program) {
      playwright =
          Playwright.create(
              new Playwright.CreateOptions()
                  .setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
      browser =
          playwright
              .chromium()
              .launch(
                  new BrowserType.LaunchOptions()
                      .setExecutablePath(program)
                      .setArgs(List.of("--no-sandbox", "--disable-dev-shm-usage")));
    }

    @Override
    public void close() {
      browser.close();
      playwright.close();
    }
  }
}
