package io.tiefsee.price;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class MeterTest {
  private static final long RANGE = 262_143_328_850L;

  @TempDir Path root;
  private FakeMachine machine;
  private final FakeMachine.Clock clock = new FakeMachine.Clock();

  @BeforeEach
  void makeMachine() {
    machine = new FakeMachine(root);
    machine.processor("AMD Ryzen 7 5800X 8-Core Processor", 8, 16 << 20);
    machine.ticks(0, 0);
  }

  @Test
  void raplAddsPackagesAndMemory() throws Exception {
    machine.zone("intel-rapl:0", "package-0", 5_000_000, RANGE);
    machine.zone("intel-rapl:0:0", "core", 1_000_000, RANGE);
    machine.zone("intel-rapl:0:1", "dram", 2_000_000, RANGE);
    machine.zone("intel-rapl:1", "package-1", 0, RANGE);
    machine.zone("intel-rapl-mmio:0", "package-0", 5_000_000, RANGE);
    machine.write("sys/class/powercap/intel-rapl/enabled", 1);
    try (Meter meter = RaplMeter.open(machine.files())) {
      assertThat(meter.method()).isEqualTo(Method.RAPL);
      assertThat(meter.source()).isEqualTo("powercap: package-0, dram, package-1");
      assertThat(meter.nanojoules()).isZero();
      machine.zone("intel-rapl:0", "package-0", 5_500_000, RANGE);
      machine.zone("intel-rapl:0:0", "core", 1_400_000, RANGE);
      machine.zone("intel-rapl:0:1", "dram", 2_000_001, RANGE);
      machine.zone("intel-rapl:1", "package-1", 7, RANGE);
      assertThat(meter.nanojoules()).isEqualTo(500_008_000L);
    }
  }

  @Test
  void raplCountersWrap() throws Exception {
    machine.zone("intel-rapl:0", "package-0", RANGE - 1_000_000, RANGE);
    try (Meter meter = RaplMeter.open(machine.files())) {
      machine.zone("intel-rapl:0", "package-0", 500_000, RANGE);
      assertThat(meter.nanojoules()).isEqualTo(1_500_000_000L);
      machine.zone("intel-rapl:0", "package-0", 600_000, RANGE);
      assertThat(meter.nanojoules()).isEqualTo(1_600_000_000L);
    }
  }

  @Test
  void aCounterBeyondItsRangeThatGoesBackWasReset() throws Exception {
    machine.zone("intel-rapl:0", "package-0", 10_000_000, 1_000_000);
    try (Meter meter = RaplMeter.open(machine.files())) {
      machine.zone("intel-rapl:0", "package-0", 3, 1_000_000);
      assertThat(meter.nanojoules()).isZero();
    }
  }

  @Test
  void whenAZoneVanishesTheNextMeterGoesOn() {
    machine.zone("intel-rapl:0", "package-0", 0, RANGE);
    MeterChain chain = chain();
    assertThat(chain.method()).isEqualTo(Method.RAPL);
    machine.zone("intel-rapl:0", "package-0", 2_000_000, RANGE);
    assertThat(chain.nanojoules()).isEqualTo(2_000_000_000L);
    assertThat(root.resolve("sys/class/powercap/intel-rapl:0/energy_uj").toFile().delete())
        .isTrue();
    assertThat(chain.nanojoules()).isEqualTo(2_000_000_000L);
    assertThat(chain.method()).isEqualTo(Method.ESTIMATED);
    assertThat(chain.notes()).containsExactly("powercap: there is no such file or folder");
    clock.advance(1);
    assertThat(chain.nanojoules()).isGreaterThan(3_000_000_000L);
  }

  @Test
  void garbageInACounterIsNoEnergy() {
    machine.zone("intel-rapl:0", "package-0", 0, RANGE);
    MeterChain chain = chain();
    machine.write("sys/class/powercap/intel-rapl:0/energy_uj", "lots");
    assertThat(chain.nanojoules()).isZero();
    assertThat(chain.method()).isEqualTo(Method.ESTIMATED);
    assertThat(chain.notes().getFirst()).contains("no number: lots");
  }

  @Test
  void deniedAccessLeadsToTheNextMeter() throws Exception {
    machine.zone("intel-rapl:0", "package-0", 0, RANGE);
    Path counter = root.resolve("sys/class/powercap/intel-rapl:0/energy_uj");
    Path denied =
        Files.setPosixFilePermissions(counter, PosixFilePermissions.fromString("---------"));
    Assumptions.assumeFalse(Files.isReadable(denied), "root may read everything");
    MeterChain chain = chain();
    assertThat(chain.method()).isEqualTo(Method.ESTIMATED);
    assertThat(chain.notes()).containsExactly("powercap: permission denied");
  }

  @Test
  void aCounterThatCannotBeOpenedLeadsToTheNextMeter() {
    machine.write("sys/class/powercap/intel-rapl:0/name", "package-0");
    machine.write("sys/class/powercap/intel-rapl:0/max_energy_range_uj", RANGE);
    // A folder in its place fails for root too.
    machine.write("sys/class/powercap/intel-rapl:0/energy_uj/x", 1);
    MeterChain chain = chain();
    assertThat(chain.method()).isEqualTo(Method.ESTIMATED);
    assertThat(chain.notes()).hasSize(1);
  }

  private MeterChain chain() {
    return new MeterChain(List.of(() -> RaplMeter.open(machine.files()), this::estimate));
  }

  private Meter estimate() {
    Processor p = Processor.of(machine.files());
    return new ModelMeter(
        Method.ESTIMATED,
        p.basis(),
        p.idleWatts(),
        p.loadWatts(),
        p.cores(),
        () -> CpuTimes.read(machine.files()),
        clock::nanos);
  }

  @Test
  void theEstimateIsAShareOfThermalPowerByBusyCores() throws Exception {
    Processor p = Processor.of(machine.files());
    assertThat(p.cores()).isEqualTo(8);
    // 105 W for 8 cores, 16 GiB of memory.
    assertThat(p.loadWatts()).isCloseTo(105 + 16 * 0.392, within(1e-9));
    assertThat(p.idleWatts()).isCloseTo(105 * 1.5 / 7 + 16 * 0.392, within(1e-9));
    Meter meter = estimate();
    clock.advance(2);
    assertThat(meter.nanojoules() / 1e9).isCloseTo(2 * p.idleWatts(), within(1e-6));
    // Four of the eight cores for ten seconds.
    machine.ticks(4000, 4000);
    clock.advance(10);
    double expected = 12 * p.idleWatts() + 10 * (p.loadWatts() - p.idleWatts()) / 2;
    assertThat(meter.nanojoules() / 1e9).isCloseTo(expected, within(1e-6));
    // Twice as many hardware threads as cores cannot take more than full power.
    machine.ticks(4000 + 1600, 4000);
    clock.advance(1);
    assertThat(meter.nanojoules() / 1e9).isCloseTo(expected + p.loadWatts(), within(1e-6));
  }

  @Test
  void anUnknownProcessorCountsByItsCores() {
    machine.processor("Some Virtual CPU", 8, 0);
    Processor p = Processor.of(machine.files());
    assertThat(p.loadWatts()).isCloseTo(56, within(1e-9));
    assertThat(p.basis()).contains("7.0 W a core");
  }

  @Test
  void aBatteryCountsWhileItDischarges() throws Exception {
    String battery = "sys/class/power_supply/BAT0/";
    machine.write("sys/class/power_supply/AC/type", "Mains");
    machine.write(battery + "status", "Discharging");
    machine.write(battery + "current_now", 1_000_000);
    machine.write(battery + "voltage_now", 12_000_000);
    Meter meter = SensorMeter.open(machine.files(), clock::nanos);
    assertThat(meter.method()).isEqualTo(Method.WALL);
    clock.advance(10);
    assertThat(meter.nanojoules()).isEqualTo(120_000_000_000L);
    machine.write(battery + "power_now", 24_000_000);
    clock.advance(10);
    assertThat(meter.nanojoules()).isEqualTo(300_000_000_000L);
    machine.write(battery + "status", "Charging");
    assertThatThrownBy(meter::nanojoules).isInstanceOf(Meter.Lost.class);
    assertThatThrownBy(() -> SensorMeter.open(machine.files(), clock::nanos))
        .isInstanceOf(Meter.Lost.class);
  }

  @Test
  void aPowerMeterOfTheBoardCounts() throws Exception {
    machine.write("sys/class/hwmon/hwmon0/name", "coretemp");
    machine.write("sys/class/hwmon/hwmon1/name", "power_meter");
    machine.write("sys/class/hwmon/hwmon1/power1_average", 150_000_000);
    Meter meter = SensorMeter.open(machine.files(), clock::nanos);
    assertThat(meter.source()).isEqualTo("hwmon: hwmon1");
    clock.advance(2);
    assertThat(meter.nanojoules()).isEqualTo(300_000_000_000L);
  }

  private static PowerSource wall(
      Optional<String> command, Optional<Path> file, PowerSource.Unit unit, String timeout) {
    return new PowerSource(
        command,
        file.map(Path::toString),
        unit,
        new BigDecimal("0.02"),
        new BigDecimal(timeout),
        Optional.empty(),
        Optional.empty());
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    for (int i = 0; !condition.getAsBoolean(); i++) {
      assertThat(i).as("hundredths of a second waited").isLessThan(6000);
      Thread.sleep(Duration.ofMillis(10));
    }
  }

  @Test
  void aCommandGivesWatts() throws Exception {
    Path value = machine.write("watts", "{\"apower\": 40.5, \"voltage\": 230}");
    PowerSource source =
        wall(Optional.of("cat " + value), Optional.empty(), PowerSource.Unit.WATTS, "30");
    try (Meter meter = WallMeter.open(source, clock::nanos)) {
      clock.advance(2);
      assertThat(meter.nanojoules()).isEqualTo(81_000_000_000L);
    }
  }

  @Test
  void aFileGivesACounter() throws Exception {
    Path value = machine.write("joules", 1000);
    PowerSource source = wall(Optional.empty(), Optional.of(value), PowerSource.Unit.JOULES, "30");
    try (Meter meter = WallMeter.open(source, clock::nanos)) {
      assertThat(meter.nanojoules()).isZero();
      clock.advance(1);
      machine.write("joules", 1250);
      await(() -> energy(meter) >= 250_000_000_000L);
    }
  }

  private static long energy(Meter meter) {
    try {
      return meter.nanojoules();
    } catch (Meter.Lost e) {
      throw new AssertionError(e);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"echo nothing", "echo -3", "exit 7", "sleep 60", "no-such-program-at-all"})
  void aCommandThatGivesNoNumberIsNoMeter(String command) {
    PowerSource source =
        wall(Optional.of(command), Optional.empty(), PowerSource.Unit.WATTS, "0.5");
    assertThatThrownBy(() -> WallMeter.open(source, clock::nanos))
        .isInstanceOf(Meter.Lost.class)
        .hasMessageStartingWith("wall meter " + command + ": ");
  }

  @Test
  void aMeterThatFallsSilentIsLost() throws Exception {
    Path value = machine.write("watts", 10);
    PowerSource source = wall(Optional.empty(), Optional.of(value), PowerSource.Unit.WATTS, "1");
    MeterChain chain =
        new MeterChain(List.of(() -> WallMeter.open(source, clock::nanos), this::estimate));
    assertThat(chain.method()).isEqualTo(Method.WALL);
    assertThat(value.toFile().delete()).isTrue();
    // It fails from now on, and after some while nobody believes its last number.
    await(() -> {
      clock.advance(1);
      return chain.nanojoules() > 0 && chain.method() == Method.ESTIMATED;
    });
    assertThat(chain.notes().getLast()).contains("no such file");
    chain.close();
  }
}
