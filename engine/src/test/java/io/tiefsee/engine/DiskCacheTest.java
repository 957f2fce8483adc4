package io.tiefsee.engine;

import static io.tiefsee.engine.Load.DEEPSEEK;
import static io.tiefsee.engine.Load.LLAMA;
import static io.tiefsee.engine.Load.prompt;
import static io.tiefsee.engine.Load.sampled;
import static io.tiefsee.engine.Load.until;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tiefsee.engine.Load.Gate;
import io.tiefsee.tensor.BadInput;
import io.tiefsee.tensor.QuantType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Prefixes that outlive the engine, and all that can happen to their files. */
@Timeout(180)
class DiskCacheTest {
  private static final long LARGE = 1L << 30;
  private static final int[] PROMPT = prompt(1, 300);

  @TempDir Path folder;
  private final List<String> warnings = new CopyOnWriteArrayList<>();

  private EngineOptions options(long maxBytes) {
    return EngineOptions.builder()
        .diskCache(new EngineOptions.DiskCache(folder, maxBytes))
        .warnings(warnings::add)
        .build();
  }

  /** Another process may write and rename meanwhile. */
  private List<Path> files(String suffix) throws IOException {
    List<Path> files = new ArrayList<>();
    try (var parts = Files.newDirectoryStream(folder, Files::isDirectory)) {
      for (Path part : parts) {
        try (var own = Files.newDirectoryStream(part, "*" + suffix)) {
          own.forEach(files::add);
        }
      }
    }
    files.sort(null);
    return files;
  }

  /** Asks once in an engine of its own; gives the tokens that were there. */
  private int cached(Path model, EngineOptions options, String scope, int[] prompt)
      throws InterruptedException {
    int[] expected;
    EngineOptions.Builder without = EngineOptions.builder().kv(options.kv());
    try (Engine engine = Engine.open(model, without.build())) {
      expected = engine.submit(prompt, sampled(7, 10)).await();
    }
    try (Engine engine = Engine.open(model, options)) {
      RequestOptions request = RequestOptions.defaults().withScope(scope);
      Generation g = engine.submit(prompt, sampled(7, 10), TokenGuide.NONE, request);
      assertThat(g.await()).isEqualTo(expected);
      assertThat(engine.status().diskHitTokens()).isEqualTo(g.usage().cachedTokens());
      until(() -> engine.status().pagesFree() == engine.status().pagesTotal());
      return g.usage().cachedTokens();
    }
  }

  @Test
  void aPromptIsThereAfterARestart() throws Exception {
    for (Path model : List.of(LLAMA, DEEPSEEK)) {
      assertThat(cached(model, options(LARGE), "a", PROMPT)).isZero();
      assertThat(cached(model, options(LARGE), "a", PROMPT)).isEqualTo(256);
      assertThat(cached(model, options(LARGE), "b", PROMPT)).isZero();
    }
    int[] other = PROMPT.clone();
    other[70]++;
    assertThat(cached(LLAMA, options(LARGE), "a", other)).isEqualTo(64);
    EngineOptions f32 = options(LARGE).toBuilder().kv(QuantType.F32).build();
    assertThat(cached(LLAMA, f32, "a", PROMPT)).isZero();
    assertThat(files(".tmp")).isEmpty();
    assertThat(warnings).isEmpty();
    if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      for (Path file : files(".kv")) {
        assertThat(Files.getPosixFilePermissions(file)).hasSize(2);
      }
    }
  }

  @Test
  void requestsThatNeedTheSamePrefixReadItOnce() throws Exception {
    assertThat(cached(LLAMA, options(LARGE), "", PROMPT)).isZero();
    try (Engine engine = Engine.open(LLAMA, options(LARGE))) {
      Gate gate = new Gate(0);
      engine.submit(prompt(9, 5), sampled(1, 1), gate);
      gate.awaitReached();
      List<Generation> running = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        running.add(engine.submit(PROMPT, sampled(i, 5)));
      }
      Generation cancelled = engine.submit(PROMPT, sampled(1, 5));
      cancelled.cancel();
      gate.open();
      for (Generation g : running) {
        g.await();
        assertThat(g.usage().cachedTokens()).isGreaterThanOrEqualTo(256);
      }
      assertThat(cancelled.await()).isEmpty();
      assertThat(engine.status().diskHitTokens()).isEqualTo(256);
      until(() -> engine.status().waiting() + engine.status().running() == 0);
      assertThat(engine.status().pagesFree()).isEqualTo(engine.status().pagesTotal());
    }
  }

  @Test
  void brokenFilesAreDeletedAndComputedAnew() throws Exception {
    assertThat(cached(LLAMA, options(LARGE), "", PROMPT)).isZero();
    List<Path> files = files(".kv");
    assertThat(files).hasSize(4);
    byte[] whole = Files.readAllBytes(files.getFirst());
    for (int damage = 0; damage < 4; damage++) {
      for (Path file : files) {
        byte[] bytes = Files.readAllBytes(file);
        switch (damage) {
          case 0 -> bytes[bytes.length / 2] ^= 1;
          case 1 -> bytes[3] ^= 1;
          case 2 -> bytes = Arrays.copyOf(bytes, bytes.length - 1);
          default -> bytes = new byte[0];
        }
        Files.write(file, bytes);
      }
      assertThat(cached(LLAMA, options(LARGE), "", PROMPT)).isZero();
      assertThat(cached(LLAMA, options(LARGE), "", PROMPT)).isEqualTo(256);
    }
    assertThat(Files.readAllBytes(files.getFirst())).isEqualTo(whole);
    // A sound file under the name of another page is not taken for it.
    Files.write(files.get(1), whole);
    assertThat(cached(LLAMA, options(LARGE), "", PROMPT)).isLessThan(256);
    assertThat(warnings).isEmpty();
  }

  @Test
  void whatADeadProcessLeftUnfinishedIsDeleted() throws Exception {
    assertThat(cached(LLAMA, options(LARGE), "", PROMPT)).isZero();
    Path part = files(".kv").getFirst().getParent();
    Files.write(part.resolve("0123456789abcdef.999999999.1.tmp"), new byte[100]);
    // Process numbers are used again: an old file is nobody's.
    long self = ProcessHandle.current().pid();
    Path old = Files.write(part.resolve("0123456789abcdef." + self + ".1.tmp"), new byte[100]);
    Files.setLastModifiedTime(old, FileTime.fromMillis(1_000_000));
    Path busy = Files.write(part.resolve("0123456789abcdee." + self + ".2.tmp"), new byte[100]);
    Files.write(part.resolve("nonsense.tmp"), new byte[100]);
    Files.write(part.resolve("nonsense.kv"), new byte[100]);
    Files.createDirectories(folder.resolve("nonsense"));
    assertThat(cached(LLAMA, options(LARGE), "", PROMPT)).isEqualTo(256);
    assertThat(files(".tmp")).containsExactly(busy);
  }

  @Test
  void anotherModelOfTheSameShapeHasItsOwnPart() throws Exception {
    assertThat(cached(LLAMA, options(LARGE), "", PROMPT)).isZero();
    byte[] model = Files.readAllBytes(LLAMA);
    model[model.length - 1000] ^= 1; // somewhere in the last tensor's data
    Path other = folder.resolve("other.gguf");
    Files.write(other, model);
    assertThat(cached(other, options(LARGE), "", PROMPT)).isZero();
    assertThat(cached(other, options(LARGE), "", PROMPT)).isEqualTo(256);
  }

  @Test
  void theLongestUnusedGoesFirst() throws Exception {
    assertThat(cached(LLAMA, options(LARGE), "", PROMPT)).isZero();
    long page = Files.size(files(".kv").getFirst());
    for (Path file : files(".kv")) {
      Files.setLastModifiedTime(file, FileTime.fromMillis(1_000_000));
    }
    int[] second = prompt(2, 300);
    long room = 7 * page;
    assertThat(cached(LLAMA, options(room), "", second)).isZero();
    assertThat(files(".kv").stream().mapToLong(f -> f.toFile().length()).sum())
        .isLessThanOrEqualTo(room);
    assertThat(cached(LLAMA, options(room), "", second)).isEqualTo(256);
    assertThat(cached(LLAMA, options(room), "", PROMPT)).isLessThan(256);
    assertThat(warnings).isEmpty();
  }

  @Test
  void whereNothingCanBeWrittenServingGoesOn() throws Exception {
    try (Engine engine = Engine.open(LLAMA, options(LARGE))) {
      try (Stream<Path> parts = Files.list(folder)) {
        Path part = parts.findFirst().orElseThrow();
        Files.delete(part);
        Files.createFile(part);
      }
      for (int i = 0; i < 3; i++) {
        assertThat(engine.submit(prompt(i, 200), sampled(i, 3)).await()).hasSize(3);
      }
      until(() -> !warnings.isEmpty());
      assertThat(engine.submit(prompt(5, 200), sampled(1, 3)).await()).hasSize(3);
    }
    assertThat(warnings).hasSize(1);
    assertThat(warnings.getFirst()).contains(folder.toString()).doesNotContain("\n");
  }

  @Test
  void aFolderThatCannotBeMadeIsAnError() throws Exception {
    Path file = Files.createFile(folder.resolve("file"));
    EngineOptions options =
        EngineOptions.builder()
            .diskCache(new EngineOptions.DiskCache(file.resolve("cache"), LARGE))
            .build();
    assertThatThrownBy(() -> Engine.open(LLAMA, options))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("cache");
  }

  /** Writes prefixes until it is killed. */
  public static void main(String[] args) throws InterruptedException {
    EngineOptions options =
        EngineOptions.builder()
            .diskCache(new EngineOptions.DiskCache(Path.of(args[0]), LARGE))
            .build();
    try (Engine engine = Engine.open(LLAMA, options)) {
      for (int i = 0; ; i++) {
        engine.submit(prompt(i, 300), sampled(1, 1)).await();
      }
    }
  }

  @Test
  void aKilledProcessLeavesASoundCache() throws Exception {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElseThrow());
    command.addAll(
        java.lang.management.ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
            .filter(a -> !a.contains("agent"))
            .toList());
    command.addAll(
        List.of(
            "-cp",
            System.getProperty("java.class.path"),
            DiskCacheTest.class.getName(),
            folder.toString()));
    Process writer =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      until(() -> {
        try {
          return files(".kv").size() > 40 || !writer.isAlive();
        } catch (IOException e) {
          throw new AssertionError(e);
        }
      });
      assertThat(writer.isAlive()).isTrue();
    } finally {
      writer.destroyForcibly().waitFor();
    }
    assertThat(cached(LLAMA, options(LARGE), "", prompt(0, 300))).isEqualTo(256);
    assertThat(files(".tmp")).isEmpty();
    for (Path file : files(".kv")) {
      assertThat(Files.size(file)).isEqualTo(Files.size(files(".kv").getFirst()));
    }
  }
}
