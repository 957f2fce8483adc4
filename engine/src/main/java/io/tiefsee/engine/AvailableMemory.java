package io.tiefsee.engine;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.LongStream;

/**
 * How much memory can be had: the least that the machine, the limits of the control groups that
 * this process is in (containers, services) and its own limit of addresses (ulimit -v) leave.
 *
 * @param proc where Linux shows processes: /proc
 * @param groups where control groups are mounted: /sys/fs/cgroup
 */
record AvailableMemory(Path proc, Path groups) {
  static final AvailableMemory OF_SYSTEM =
      new AvailableMemory(Path.of("/proc"), Path.of("/sys/fs/cgroup"));

  /** Bytes that can be had without swapping and without being killed for it. */
  long bytes() {
    return LongStream.concat(
            LongStream.of(machine()), LongStream.concat(inGroups(), addresses().stream()))
        .min()
        .orElseThrow();
  }

  private long machine() {
    OptionalLong available = field(proc.resolve("meminfo"), "MemAvailable:");
    if (available.isPresent()) {
      return available.getAsLong() * 1024;
    }
    // Not Linux: ask the JVM.
    return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean os
        ? os.getFreeMemorySize()
        : Long.MAX_VALUE / 4;
  }

  /** What each group leaves, from the process's own to the outermost. */
  private LongStream inGroups() {
    return lines(proc.resolve("self/cgroup")).stream()
        .map(line -> line.split(":", 3))
        .filter(part -> part.length == 3)
        .flatMapToLong(part ->
            part[1].isEmpty()
                ? upwards(groups, part[2], "memory.max", "memory.current", "inactive_file")
                : List.of(part[1].split(",")).contains("memory")
                    ? upwards(
                        groups.resolve("memory"),
                        part[2],
                        "memory.limit_in_bytes",
                        "memory.usage_in_bytes",
                        "total_inactive_file")
                    : LongStream.empty());
  }

  /**
   * @param cache in memory.stat, pages of files that make room when it is needed
   */
  private static LongStream upwards(
      Path mount, String group, String limit, String usage, String cache) {
    LongStream.Builder rooms = LongStream.builder();
    // Inside of a container the path may be one of the outside, and only the mount is there.
    for (Path at = mount.resolve(group.substring(1)).normalize();
        at != null && at.startsWith(mount);
        at = at.getParent()) {
      OptionalLong most = number(at.resolve(limit));
      OptionalLong used = number(at.resolve(usage));
      if (most.isPresent() && used.isPresent()) {
        long files = field(at.resolve("memory.stat"), cache + " ").orElse(0);
        rooms.add(Math.max(0, most.getAsLong() - used.getAsLong() + files));
      }
    }
    return rooms.build();
  }

  /** Half of the addresses left: weights are mapped from the file, then packed beside it. */
  private OptionalLong addresses() {
    OptionalLong most = field(proc.resolve("self/limits"), "Max address space");
    OptionalLong used = field(proc.resolve("self/status"), "VmSize:");
    return most.isPresent() && used.isPresent()
        ? OptionalLong.of(Math.max(0, most.getAsLong() - used.getAsLong() * 1024) / 2)
        : OptionalLong.empty();
  }

  /** The number after a name at the start of a line; none for "unlimited". */
  private static OptionalLong field(Path file, String name) {
    return lines(file).stream()
        .filter(line -> line.startsWith(name))
        .map(line -> parse(line.substring(name.length()).strip().split("\\s+")[0]))
        .findFirst()
        .orElse(OptionalLong.empty());
  }

  /** The one number of a file; none for "max" and where there is no such file. */
  private static OptionalLong number(Path file) {
    List<String> lines = lines(file);
    return lines.isEmpty() ? OptionalLong.empty() : parse(lines.getFirst().strip());
  }

  private static OptionalLong parse(String text) {
    return text.matches("\\d{1,18}") ? OptionalLong.of(Long.parseLong(text)) : OptionalLong.empty();
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      return List.of();
    }
  }
}
