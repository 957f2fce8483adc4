package io.tiefsee.kernel;

import io.tiefsee.kernel.x86.CpuId;
import io.tiefsee.kernel.x86.Detection;
import io.tiefsee.kernel.x86.Refused;
import io.tiefsee.tensor.BadInput;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Instruction sets that kernels are written for, each faster than the one before. */
public enum Isa {
  SCALAR,
  /** {@code jdk.incubator.vector}, on any processor. */
  VECTOR,
  /** AVX2 with FMA, F16C and BMI2. */
  AVX2,
  /** AVX-512 F, BW, DQ, VL and VNNI. */
  AVX512,
  /** Tiles of 8-bit integers and of bf16 (AMX) besides AVX-512. */
  AMX;

  /** The system property that caps the choice. */
  public static final String PROPERTY = "tiefsee.isa";

  /** Found once; finding it twice does no harm. */
  private static volatile @Nullable Choice chosen;

  /**
   * What kernels to use.
   *
   * @param isa the best instruction set that may be used
   * @param warning one line for the user if an x86-64 machine refuses to run machine code
   */
  public record Choice(Isa isa, Optional<String> warning) {}

  /** The best instruction set of this machine, capped by {@link #PROPERTY}. */
  public static Isa best() {
    return choice().isa();
  }

  /**
   * As {@link #best}, with the warning to print.
   *
   * @throws BadInput if the property has an unknown value or names what the machine lacks
   */
  public static Choice choice() {
    Choice known = chosen;
    if (known == null) {
      known = choose(Optional.ofNullable(System.getProperty(PROPERTY)));
      chosen = known;
    }
    return known;
  }

  /**
   * The choice for a value of the property. The processor is asked only if the cap allows machine
   * code.
   */
  static Choice choose(Optional<String> cap) {
    if (cap.isEmpty()) {
      return find(AMX);
    }
    Isa wanted = parse(cap.get());
    Choice found = find(wanted);
    if (found.isa() != wanted) {
      String why = found.warning().isPresent() ? ": " + found.warning().get() : "";
      throw new BadInput(
          "-D%s=%s: this machine cannot run it%s; the best here is %s"
              .formatted(PROPERTY, cap.get(), why, found.isa().property()));
    }
    return found;
  }

  private static Choice find(Isa cap) {
    if (cap.compareTo(AVX2) < 0 || !isX86()) {
      return new Choice(portable(cap), Optional.empty());
    }
    Detection detected = CpuId.detect();
    if (detected instanceof CpuId cpu) {
      Isa isa = cap == AMX && cpu.amx() ? AMX : best(cpu, cap);
      return new Choice(isa, Optional.empty());
    }
    String reason = ((Refused) detected).reason();
    return new Choice(portable(cap), Optional.of("no machine-code kernels: " + reason));
  }

  private static Isa best(CpuId cpu, Isa cap) {
    boolean wide = cap.compareTo(AVX512) >= 0 && cpu.avx512();
    return wide ? AVX512 : cpu.avx2() ? AVX2 : portable(cap);
  }

  private static Isa portable(Isa cap) {
    return cap.compareTo(VECTOR) >= 0 && VectorModule.isLoaded() ? VECTOR : SCALAR;
  }

  private static boolean isX86() {
    String arch = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
    return arch.equals("amd64") || arch.equals("x86_64");
  }

  private static Isa parse(String name) {
    List<String> known = new ArrayList<>();
    for (Isa isa : values()) {
      if (isa.property().equals(name)) {
        return isa;
      }
      known.add(isa.property());
    }
    throw new BadInput(
        "-D%s=%s is not known; use one of %s".formatted(PROPERTY, name, String.join(", ", known)));
  }

  private String property() {
    return name().toLowerCase(Locale.ROOT);
  }
}
