package io.tiefsee.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tiefsee.kernel.KvLayer;
import io.tiefsee.ledger.Ledger;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/**
 * A server that can write no more, in the middle of its work: from then on the kernel refuses what
 * would make any of its files longer than 4 KB, as a full disk does, after the beginning of it was
 * written.
 */
class DiskFullTest {
  private static final Path PRLIMIT = Path.of("/usr/bin/prlimit");
  private static final int REQUESTS = 5;

  @TempDir private Path folder;
  private Path cache;
  private Path ledger;

  @BeforeEach
  void needsLinux() {
    assumeTrue(Files.isExecutable(PRLIMIT), "needs prlimit of util-linux");
    cache = folder.resolve("cache");
    ledger = folder.resolve("ledger.db");
  }

  private ServeProcess serve() throws Exception {
    return ServeProcess.start(
        "--prefix-cache", cache.toString(), "--ledger", ledger.toString(), "--threads", "1");
  }

  private static void limit(long pid, String bytes) throws Exception {
    Process prlimit =
        new ProcessBuilder(PRLIMIT.toString(), "--pid", "" + pid, "--fsize=" + bytes + ":unlimited")
            .inheritIO()
            .start();
    assertThat(prlimit.waitFor()).isZero();
  }

  /** Asks something of several pages; returns whether the first of them at least was known. */
  private static boolean isKnown(ServeProcess serving, String word) throws Exception {
    HttpResponse<String> reply =
        serving.post(
            "/v1/chat/completions",
            """
            {"messages":[{"role":"user","content":"%s"}],"max_tokens":2,"ignore_eos":true}\
            """
                .formatted((word + " ").repeat(60)));
    assertThat(reply.statusCode()).as(reply.body()).isEqualTo(200);
    return JsonMapper.shared()
            .readTree(reply.body())
            .at("/usage/prompt_cache_hit_tokens")
            .intValue()
        >= KvLayer.PAGE;
  }

  private List<Path> files(String suffix) throws IOException {
    if (!Files.exists(cache)) {
      return List.of();
    }
    try (Stream<Path> all = Files.walk(cache)) {
      return all.filter(f -> f.toString().endsWith(suffix)).toList();
    }
  }

  private void awaitPages() throws Exception {
    long end = System.nanoTime() + 60_000_000_000L;
    while (files(".kv").isEmpty()) {
      assertThat(System.nanoTime()).as("a page on disk").isLessThan(end);
      Thread.sleep(20);
    }
  }

  private long receipts() {
    List<String> warnings = new ArrayList<>();
    try (Ledger kept = Ledger.open(ledger, warnings::add)) {
      assertThat(warnings).isEmpty();
      return kept.size();
    }
  }

  @Test
  void itGoesOnServingAndWhatIsOnDiskStaysValid() throws Exception {
    try (ServeProcess serving = serve()) {
      assertThat(isKnown(serving, "deep")).isFalse();
      awaitPages();
      limit(serving.pid(), "4096");
      for (int i = 0; i < REQUESTS; i++) {
        assertThat(isKnown(serving, "sea" + i)).isFalse();
      }
      serving.awaitLine("is not written any more");
      serving.awaitLine("a receipt was not kept");
      assertThat(isKnown(serving, "deep")).as("what is known is still used").isTrue();
      assertThat(serving.lines("is not written any more")).hasSize(1);
      assertThat(serving.lines("a receipt was not kept")).doesNotHaveDuplicates();
      limit(serving.pid(), "unlimited");
      assertThat(isKnown(serving, "light")).isFalse();
      serving.kill();
    }
    assertThat(files(".tmp")).isEmpty();
    assertThat(receipts()).as("the first and the last").isEqualTo(2);
    try (ServeProcess again = serve()) {
      assertThat(isKnown(again, "deep")).as("from the disk").isTrue();
      assertThat(isKnown(again, "light")).as("was never written").isFalse();
      assertThat(again.lines("prefix")).isEmpty();
      assertThat(again.lines("damaged")).isEmpty();
    }
  }
}
