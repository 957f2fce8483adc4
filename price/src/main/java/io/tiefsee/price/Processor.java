package io.tiefsee.price;

import io.tiefsee.tensor.Parallel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * The processor as far as its power is concerned.
 *
 * @param name as the system tells it
 * @param cores physical cores that the system sees
 * @param memoryBytes installed
 */
public record Processor(String name, int cores, long memoryBytes) {
  /** Cloud Carbon Footprint's averages of a server's hardware thread, times two for a core. */
  private static final double DEFAULT_CORE_LOAD = 7.0;

  private static final double DEFAULT_CORE_IDLE = 1.5;

  /** An idle core's share of its full power, by the same averages. */
  static final double IDLE_SHARE = DEFAULT_CORE_IDLE / DEFAULT_CORE_LOAD;

  /** Watts of memory, idle or not, by the same source. */
  private static final double WATTS_PER_GIB = 0.392;

  /**
   * A processor that is known.
   *
   * @param name part of what the system calls it
   * @param watts thermal design power, by its maker
   * @param cores that share it
   */
  private record Known(String name, int watts, int cores) {}

  private static final List<Known> KNOWN =
      List.of(
          new Known("i5-6200U", 15, 2),
          new Known("i7-6700K", 91, 4),
          new Known("i7-7700K", 91, 4),
          new Known("i5-8250U", 15, 4),
          new Known("i7-8550U", 15, 4),
          new Known("i7-8650U", 15, 4),
          new Known("i7-8700K", 95, 6),
          new Known("i9-9900K", 95, 8),
          new Known("i7-10750H", 45, 6),
          new Known("i7-1165G7", 28, 4),
          new Known("i5-12400", 65, 6),
          new Known("i7-12700K", 125, 12),
          new Known("i9-13900K", 125, 24),
          new Known("i9-14900K", 125, 24),
          new Known("E5-2670 v3", 120, 12),
          new Known("E5-2680 v4", 120, 14),
          new Known("E5-2690 v4", 135, 14),
          new Known("E5-2699 v4", 145, 22),
          new Known("Gold 6148", 150, 20),
          new Known("Gold 6248", 150, 20),
          new Known("Platinum 8280", 205, 28),
          new Known("Platinum 8380", 270, 40),
          new Known("Platinum 8480", 350, 56),
          new Known("Ryzen 5 3600", 65, 6),
          new Known("Ryzen 7 3700X", 65, 8),
          new Known("Ryzen 9 3950X", 105, 16),
          new Known("Ryzen 5 5600X", 65, 6),
          new Known("Ryzen 7 5800X", 105, 8),
          new Known("Ryzen 9 5950X", 105, 16),
          new Known("Ryzen 7 7700X", 105, 8),
          new Known("Ryzen 9 7950X", 170, 16),
          new Known("Threadripper 3970X", 280, 32),
          new Known("EPYC 7402", 180, 24),
          new Known("EPYC 7742", 225, 64),
          new Known("EPYC 7763", 280, 64),
          new Known("EPYC 9554", 360, 64),
          new Known("EPYC 9654", 360, 96));

  /** What the system's files say. */
  public static Processor of(MachineFiles machine) {
    Path proc = machine.proc();
    return new Processor(
        field(proc.resolve("cpuinfo"), "model name").orElse("unknown processor"),
        cores(machine.sys()),
        field(proc.resolve("meminfo"), "MemTotal")
            .map(kb -> Long.parseLong(kb.replaceAll("\\D", "")) * 1024)
            .orElse(0L));
  }

  private static Optional<String> field(Path file, String name) {
    try {
      return Files.readAllLines(file).stream()
          .filter(line -> line.startsWith(name) && line.contains(":"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static int cores(Path sys) {
    Set<String> cores = new HashSet<>();
    for (Path cpu : MachineFiles.list(sys.resolve("devices/system/cpu"))) {
      try {
        cores.add(MachineFiles.line(cpu.resolve("topology/thread_siblings_list")));
      } catch (IOException e) {
        // Not a processor, or one that is switched off.
        continue;
      }
    }
    return cores.isEmpty() ? Parallel.defaultThreads() : cores.size();
  }

  private Optional<Known> known() {
    String lower = name.toLowerCase(Locale.ROOT);
    return KNOWN.stream().filter(k -> lower.contains(k.name.toLowerCase(Locale.ROOT))).findFirst();
  }

  private double coreWatts() {
    return known().map(k -> (double) k.watts / k.cores).orElse(DEFAULT_CORE_LOAD);
  }

  /** Estimated watts when all cores compute. */
  public double loadWatts() {
    return cores * coreWatts() + memoryWatts();
  }

  /** Estimated watts when none does. */
  public double idleWatts() {
    return cores * coreWatts() * IDLE_SHARE + memoryWatts();
  }

  private double memoryWatts() {
    return memoryBytes / (double) (1L << 30) * WATTS_PER_GIB;
  }

  /** What the estimate of its power rests on. */
  String basis() {
    return known()
        .map(k -> name + ", " + k.watts + " W for " + k.cores + " cores")
        .orElse(name + ", " + DEFAULT_CORE_LOAD + " W a core");
  }
}
