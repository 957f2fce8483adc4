package io.tiefsee.kernel.x86;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The processor as we read it against what the Linux kernel read. */
class CpuIdTest {
  private static final Path CPUINFO = Path.of("/proc/cpuinfo");
  private static final Map<CpuId.Feature, String> FLAGS =
      Map.of(
          CpuId.Feature.AVX512VBMI, "avx512vbmi",
          CpuId.Feature.AVX512VNNI, "avx512_vnni",
          CpuId.Feature.AVX512BF16, "avx512_bf16");

  @Test
  void agreesWithTheOperatingSystem() throws IOException {
    assumeTrue(Files.exists(CPUINFO) && System.getProperty("os.arch").equals("amd64"));
    assertThat(CpuId.detect()).isInstanceOf(CpuId.class);
    CpuId cpu = (CpuId) CpuId.detect();
    assertThat(cpu.vendor()).isEqualTo(cpuinfo("vendor_id"));
    assertThat(cpu.brand()).isEqualTo(cpuinfo("model name"));
    Set<String> flags = new HashSet<>(Arrays.asList(cpuinfo("flags").split(" ")));
    for (CpuId.Feature f : CpuId.Feature.values()) {
      String flag = FLAGS.getOrDefault(f, f.name().toLowerCase(Locale.ROOT));
      assertThat(cpu.has(f)).as(flag).isEqualTo(flags.contains(flag));
    }
  }

  @Test
  void tellsCacheSizes() throws IOException {
    Path cache = Path.of("/sys/devices/system/cpu/cpu0/cache/index0");
    assumeTrue(Files.exists(cache) && CpuId.detect() instanceof CpuId);
    CpuId cpu = (CpuId) CpuId.detect();
    assertThat(cpu.l1d() / 1024 + "K").isEqualTo(Files.readString(cache.resolve("size")).strip());
    assertThat(cpu.l2()).isGreaterThanOrEqualTo(cpu.l1d());
  }

  private static String cpuinfo(String key) throws IOException {
    return Files.readAllLines(CPUINFO).stream()
        .filter(line -> line.startsWith(key))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .findFirst()
        .orElseThrow();
  }
}
