package io.tiefsee.price;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;

/** Made-up /sys and /proc. */
final class FakeMachine {
  private final Path root;

  FakeMachine(Path root) {
    this.root = root;
  }

  MachineFiles files() {
    return new MachineFiles(root.resolve("sys"), root.resolve("proc"));
  }

  Path write(String name, Object content) {
    try {
      Path file = root.resolve(name);
      Files.createDirectories(file.getParent());
      return Files.writeString(file, content + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** An energy counter of the processor. */
  void zone(String folder, String name, long microjoules, long range) {
    String zone = "sys/class/powercap/" + folder + "/";
    write(zone + "name", name);
    write(zone + "max_energy_range_uj", range);
    write(zone + "energy_uj", microjoules);
  }

  /** Processor time in hundredths of a second: of all programs, and of this one. */
  void ticks(long busy, long own) {
    write("proc/stat", "cpu  " + busy + " 0 0 1000 50 0 0 7 0 0\ncpu0 0 0 0 0");
    write("proc/self/stat", "1 (a (b) c) S 1 1 1 0 -1 0 0 0 0 0 " + own + " 0 0 0 20 0");
  }

  void processor(String name, int cores, long memoryKb) {
    write("proc/cpuinfo", "processor : 0\nmodel name\t: " + name);
    write("proc/meminfo", "MemTotal:  " + memoryKb + " kB");
    for (int i = 0; i < cores; i++) {
      write("sys/devices/system/cpu/cpu" + i + "/topology/thread_siblings_list", i);
    }
  }

  /** A clock that a test sets. */
  static final class Clock {
    private final AtomicLong nanos = new AtomicLong();

    long nanos() {
      return nanos.get();
    }

    void advance(double seconds) {
      nanos.addAndGet((long) (seconds * 1e9));
    }
  }
}
