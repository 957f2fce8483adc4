package io.tiefsee.price;

import io.tiefsee.tensor.BadInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The energy counters of Intel's and AMD's processors through Linux's powercap: packages, and their
 * memory where it is counted apart. A counter begins anew after {@code max_energy_range_uj}.
 */
final class RaplMeter implements Meter {
  private static final long NANO_PER_MICRO = 1000;

  private final List<Zone> zones;
  private long nanojoules;

  private static final class Zone {
    private final String name;
    private final Path counter;
    private final long range;
    private long last;

    Zone(String name, Path folder) throws IOException {
      this.name = name;
      counter = folder.resolve("energy_uj");
      range = MachineFiles.number(folder.resolve("max_energy_range_uj"));
      last = MachineFiles.number(counter);
    }

    /** Microjoules since the last call. */
    long advance() throws IOException {
      long now = MachineFiles.number(counter);
      long gone = now >= last ? now - last : now + range - last;
      last = now;
      // A counter beyond its own range was reset, not wrapped.
      return Math.max(0, gone);
    }
  }

  private RaplMeter(List<Zone> zones) {
    this.zones = zones;
  }

  /**
   * @throws Lost if there are no counters, or they may not be read
   */
  static RaplMeter open(MachineFiles machine) throws Lost {
    List<Zone> zones = new ArrayList<>();
    for (Path folder : MachineFiles.list(machine.sys().resolve("class/powercap"))) {
      // The same package may be listed again as intel-rapl-mmio.
      if (!folder.getFileName().toString().startsWith("intel-rapl:")
          || !Files.exists(folder.resolve("name"))) {
        continue;
      }
      try {
        String name = MachineFiles.line(folder.resolve("name"));
        if (name.startsWith("package") || name.equals("dram")) {
          zones.add(new Zone(name, folder));
        }
      } catch (IOException e) {
        throw lost(e);
      }
    }
    if (zones.isEmpty()) {
      throw new Lost("powercap: this machine shows no energy counters");
    }
    return new RaplMeter(zones);
  }

  private static Lost lost(IOException e) {
    return new Lost("powercap: " + BadInput.reason(e), e);
  }

  @Override
  public Method method() {
    return Method.RAPL;
  }

  @Override
  public String source() {
    return "powercap: " + zones.stream().map(z -> z.name).collect(Collectors.joining(", "));
  }

  @Override
  public synchronized long nanojoules() throws Lost {
    try {
      for (Zone zone : zones) {
        nanojoules += zone.advance() * NANO_PER_MICRO;
      }
    } catch (IOException e) {
      throw lost(e);
    }
    return nanojoules;
  }
}
