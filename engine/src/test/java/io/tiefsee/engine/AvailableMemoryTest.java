package io.tiefsee.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AvailableMemoryTest {
  private static final long GB = 1_000_000_000L;

  @TempDir private Path root;
  private AvailableMemory memory;

  @BeforeEach
  void aMachineOfEightGigabytes() throws IOException {
    memory = new AvailableMemory(root.resolve("proc"), root.resolve("cgroup"));
    write("proc/meminfo", "MemTotal: 16000000 kB\nMemAvailable:    8000000 kB\n");
    write(
        "proc/self/limits", "Limit  Soft Limit\nMax address space  unlimited  unlimited  bytes\n");
    write("proc/self/status", "VmPeak:\t 5000000 kB\nVmSize:\t 4000000 kB\n");
  }

  private void write(String file, String text) throws IOException {
    Path path = root.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  @Test
  void withoutLimitsItIsTheMachines() throws IOException {
    assertThat(memory.bytes()).isEqualTo(8_192_000_000L);
    write("proc/self/cgroup", "0::/\n");
    write("cgroup/memory.max", "max\n");
    write("cgroup/memory.current", "5\n");
    assertThat(memory.bytes()).isEqualTo(8_192_000_000L);
  }

  @Test
  void aContainersLimitCountsWithoutItsFileCache() throws IOException {
    write("proc/self/cgroup", "0::/a/b\n");
    write("cgroup/a/b/memory.max", "max\n");
    write("cgroup/a/memory.max", "4000000000\n");
    write("cgroup/a/memory.current", "3000000000\n");
    write("cgroup/a/memory.stat", "anon 7\ninactive_file 2000000000\n");
    assertThat(memory.bytes()).isEqualTo(3 * GB);
    write("cgroup/a/b/memory.max", "1000000000\n");
    write("cgroup/a/b/memory.current", "1100000000\n");
    assertThat(memory.bytes()).isZero();
  }

  @Test
  void soDoesOneOfTheFirstVersion() throws IOException {
    write("proc/self/cgroup", "5:cpu,cpuacct:/x\n4:memory:/docker/outside\n0::/\n");
    write("cgroup/memory/memory.limit_in_bytes", "2000000000\n");
    write("cgroup/memory/memory.usage_in_bytes", "500000000\n");
    write("cgroup/memory/memory.stat", "inactive_file 1\ntotal_inactive_file 100000000\n");
    assertThat(memory.bytes()).isEqualTo(1_600_000_000L);
    // Without a limit the system shows the largest multiple of a page.
    write("cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
    assertThat(memory.bytes()).isEqualTo(8_192_000_000L);
  }

  @Test
  void addressesAreNeededTwice() throws IOException {
    write("proc/self/limits", "Max address space     6096000000    unlimited    bytes\n");
    assertThat(memory.bytes()).isEqualTo(GB);
    write("proc/self/limits", "Max address space     1000    unlimited    bytes\n");
    assertThat(memory.bytes()).isZero();
  }

  @Test
  void thisMachineHasSome() {
    assertThat(AvailableMemory.OF_SYSTEM.bytes()).isPositive();
    assertThat(new AvailableMemory(root.resolve("none"), root.resolve("none")).bytes())
        .isPositive();
  }
}
