package io.tiefsee.price;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Processor time since some fixed moment, in nanoseconds summed over all processors.
 *
 * @param busy in which any program ran
 * @param own in which this program ran
 */
record CpuTimes(long busy, long own) {
  /** Linux counts in hundredths of a second (USER_HZ) wherever programs can see it. */
  private static final long NANOS_PER_TICK = 10_000_000;

  /** Of the fields of /proc/stat: idle and iowait, in which nothing ran. */
  private static final int IDLE = 4;

  private static final int IO_WAIT = 5;

  /** The last of the fields that count; guest time is part of user time. */
  private static final int SOFT_IRQ = 7;

  /** Of /proc/self/stat behind the name, which may hold blanks: user and system time. */
  private static final int USER_TIME = 11;

  /** What the system counts; where it is not Linux, this program's time for both. */
  static CpuTimes read(MachineFiles machine) {
    try {
      long own = own(machine.proc().resolve("self/stat"));
      return new CpuTimes(Math.max(busy(machine.proc().resolve("stat")), own), own);
    } catch (IOException | RuntimeException e) {
      long own =
          ManagementFactory.getOperatingSystemMXBean()
                  instanceof com.sun.management.OperatingSystemMXBean os
              ? Math.max(0, os.getProcessCpuTime())
              : 0;
      return new CpuTimes(own, own);
    }
  }

  private static long busy(Path stat) throws IOException {
    List<String> lines = Files.readAllLines(stat);
    String[] fields = lines.getFirst().split("\\s+");
    long ticks = 0;
    for (int i = 1; i <= SOFT_IRQ; i++) {
      ticks += i == IDLE || i == IO_WAIT ? 0 : Long.parseLong(fields[i]);
    }
    return ticks * NANOS_PER_TICK;
  }

  private static long own(Path stat) throws IOException {
    String line = MachineFiles.line(stat);
    String[] fields = line.substring(line.lastIndexOf(')') + 2).split(" ");
    return (Long.parseLong(fields[USER_TIME]) + Long.parseLong(fields[USER_TIME + 1]))
        * NANOS_PER_TICK;
  }
}
