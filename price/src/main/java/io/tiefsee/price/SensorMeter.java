package io.tiefsee.price;

import io.tiefsee.tensor.BadInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.LongSupplier;

/**
 * Power of the whole machine by a sensor of its own: a battery that discharges, or a power meter of
 * ACPI. Between two readings the mean of both holds.
 */
final class SensorMeter implements Meter {
  private final String source;
  private final Sensor sensor;
  private final LongSupplier clock;
  private double watts;
  private long lastNanos;
  private double nanojoules;

  @FunctionalInterface
  private interface Sensor {
    double watts() throws IOException;
  }

  private SensorMeter(String source, Sensor sensor, LongSupplier clock) throws IOException {
    this.source = source;
    this.sensor = sensor;
    this.clock = clock;
    watts = sensor.watts();
    lastNanos = clock.getAsLong();
  }

  /**
   * @throws Lost if the machine has no such sensor, or it measures something else now
   */
  static SensorMeter open(MachineFiles machine, LongSupplier clock) throws Lost {
    for (Path supply : MachineFiles.list(machine.sys().resolve("class/power_supply"))) {
      try {
        return new SensorMeter("battery: " + supply.getFileName(), () -> battery(supply), clock);
      } catch (IOException e) {
        // A mains supply, or a battery that is not in use.
        continue;
      }
    }
    for (Path monitor : MachineFiles.list(machine.sys().resolve("class/hwmon"))) {
      try {
        if (MachineFiles.line(monitor.resolve("name")).equals("power_meter")) {
          return new SensorMeter(
              "hwmon: " + monitor.getFileName(),
              () -> MachineFiles.number(monitor.resolve("power1_average")) / 1e6,
              clock);
        }
      } catch (IOException e) {
        continue;
      }
    }
    throw new Lost("battery, hwmon: no sensor of the whole machine's power");
  }

  /** From µW, or µA and µV; only while it discharges, for else the mains feed the machine. */
  private static double battery(Path supply) throws IOException {
    if (!MachineFiles.line(supply.resolve("status")).equals("Discharging")) {
      throw new IOException("the battery does not discharge");
    }
    if (Files.exists(supply.resolve("power_now"))) {
      return MachineFiles.number(supply.resolve("power_now")) / 1e6;
    }
    return MachineFiles.number(supply.resolve("current_now"))
        / 1e6
        * MachineFiles.number(supply.resolve("voltage_now"))
        / 1e6;
  }

  @Override
  public Method method() {
    return Method.WALL;
  }

  @Override
  public String source() {
    return source;
  }

  @Override
  public synchronized long nanojoules() throws Lost {
    try {
      double now = Math.max(0, sensor.watts());
      long nanos = clock.getAsLong();
      nanojoules += (watts + now) / 2 * (nanos - lastNanos);
      watts = now;
      lastNanos = nanos;
    } catch (IOException e) {
      throw new Lost(source + ": " + BadInput.reason(e), e);
    }
    return (long) nanojoules;
  }
}
