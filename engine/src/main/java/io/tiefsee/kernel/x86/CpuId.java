package io.tiefsee.kernel.x86;

import static io.tiefsee.kernel.x86.Registers.*;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.tiefsee.tensor.NativeCall;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.EnumSet;
import java.util.Set;

/**
 * What the processor says of itself, read by the CPUID and XGETBV instructions (Intel SDM volume 2;
 * AMD APM volume 3, appendix E). A feature counts only if the operating system keeps the registers
 * it needs.
 *
 * @param vendor "GenuineIntel", "AuthenticAMD", …
 * @param brand the model's name
 * @param features what kernels may use
 * @param l1d bytes of the first-level data cache of a core, 0 if not told
 * @param l2 bytes of the second-level cache
 * @param l3 bytes of the third-level cache that a core shares with others
 */
public record CpuId(String vendor, String brand, Set<Feature> features, long l1d, long l2, long l3)
    implements Detection {

  /** Groups of instructions beyond plain x86-64. */
  public enum Feature {
    AVX(1, ECX, 28, XCR0_AVX),
    FMA(1, ECX, 12, XCR0_AVX),
    F16C(1, ECX, 29, XCR0_AVX),
    AVX2(7, EBX, 5, XCR0_AVX),
    BMI2(7, EBX, 8, 0),
    AVX512F(7, EBX, 16, XCR0_AVX512),
    AVX512DQ(7, EBX, 17, XCR0_AVX512),
    AVX512BW(7, EBX, 30, XCR0_AVX512),
    AVX512VL(7, EBX, 31, XCR0_AVX512),
    AVX512VBMI(7, ECX, 1, XCR0_AVX512),
    AVX512VNNI(7, ECX, 11, XCR0_AVX512),
    AVX512BF16(SUBLEAF_1_OF_7, EAX, 5, XCR0_AVX512),
    AVX_VNNI(SUBLEAF_1_OF_7, EAX, 4, XCR0_AVX),
    AMX_BF16(7, EDX, 22, XCR0_AMX),
    AMX_TILE(7, EDX, 24, XCR0_AMX),
    AMX_INT8(7, EDX, 25, XCR0_AMX);

    private final int leaf;
    private final int register;
    private final int bit;
    private final long state;

    Feature(int leaf, int register, int bit, long state) {
      this.leaf = leaf;
      this.register = register;
      this.bit = bit;
      this.state = state;
    }

    private boolean in(Leaves leaves, long enabled) {
      int[] registers =
          switch (leaf) {
            case 1 -> leaves.one;
            case 7 -> leaves.seven;
            default -> leaves.sevenOne;
          };
      return (registers[register] >>> bit & 1) != 0 && (enabled & state) == state;
    }
  }

  private static final int EAX = 0;
  private static final int EBX = 1;
  private static final int ECX = 2;
  private static final int EDX = 3;
  private static final int SUBLEAF_1_OF_7 = 71;

  /** The operating system saves xmm and ymm. */
  private static final long XCR0_AVX = 0x6;

  /** It saves opmasks and zmm as well. */
  private static final long XCR0_AVX512 = 0xE6;

  /** And tiles with their shapes. */
  private static final long XCR0_AMX = XCR0_AVX512 | 0x60000;

  private static final int OSXSAVE_BIT = 27;

  private static final Set<Feature> AVX2_KERNELS =
      EnumSet.of(Feature.AVX2, Feature.FMA, Feature.F16C, Feature.BMI2);
  private static final Set<Feature> AVX512_KERNELS =
      EnumSet.of(
          Feature.AVX512F,
          Feature.AVX512BW,
          Feature.AVX512DQ,
          Feature.AVX512VL,
          Feature.AVX512VNNI);
  private static final Set<Feature> AMX_KERNELS =
      EnumSet.of(Feature.AMX_TILE, Feature.AMX_INT8, Feature.AMX_BF16);

  /** Registers of CPUID leaf 1, of leaf 7 and of its subleaf 1. */
  private record Leaves(int[] one, int[] seven, int[] sevenOne) {}

  public CpuId {
    features = Set.copyOf(features);
  }

  /** Whether the kernels of {@code Isa.AVX2} run: AVX2, FMA, F16C and BMI2. */
  public boolean avx2() {
    return features.containsAll(AVX2_KERNELS);
  }

  /**
   * Whether the kernels of {@code Isa.AVX512} run: F, BW, DQ, VL and VNNI besides those of AVX2.
   */
  public boolean avx512() {
    return avx2() && features.containsAll(AVX512_KERNELS);
  }

  /**
   * Whether the kernels of {@code Isa.AMX} run: tiles of 8-bit integers and bf16 besides what
   * AVX-512 takes, and the operating system lets this process use them. It is asked to.
   */
  public boolean amx() {
    return avx512() && features.containsAll(AMX_KERNELS) && TilePermission.granted();
  }

  public boolean has(Feature feature) {
    return features.contains(feature);
  }

  /** Asks this machine's processor. */
  public static Detection detect() {
    try (Arena arena = Arena.ofConfined()) {
      CodeMapping mapping = CodePage.map(arena, cpuidRoutine(), xgetbvRoutine());
      if (mapping instanceof CodePage page) {
        return new Reader(page.code(0), page.code(1), arena.allocate(16)).read();
      }
      return (Refused) mapping;
    }
  }

  /**
   * (leaf, subleaf, int[4] *out): eax, ebx, ecx and edx of CPUID. Written without the prologue,
   * which needs AVX.
   */
  private static byte[] cpuidRoutine() {
    boolean windows = Abi.host() == Abi.WIN64;
    var a = new Assembler();
    a.push(rbx);
    a.mov(r10, windows ? r8 : rdx);
    a.mov(rax, windows ? rcx : rdi);
    a.mov(rcx, windows ? rdx : rsi);
    a.cpuid();
    a.mov(mem(r10), eax);
    a.mov(mem(r10, 4), ebx);
    a.mov(mem(r10, 8), ecx);
    a.mov(mem(r10, 12), edx);
    a.pop(rbx);
    a.ret();
    return a.assemble();
  }

  /** () → XCR0. The instruction exists if CPUID says that the operating system uses it. */
  private static byte[] xgetbvRoutine() {
    var a = new Assembler();
    a.xor(ecx, ecx);
    a.xgetbv();
    a.shl(rdx, 32);
    a.or(rax, rdx);
    a.ret();
    return a.assemble();
  }

  private record Reader(MemorySegment cpuid, MemorySegment xgetbv, MemorySegment out) {
    private static final int AMD_CACHES = 0x8000001D;
    private static final int INTEL_CACHES = 4;
    private static final int BRAND = 0x80000002;

    CpuId read() {
      int[] zero = leaf(0, 0);
      String vendor = text(zero[EBX], zero[EDX], zero[ECX]);
      int[] one = leaf(1, 0);
      int[] seven = zero[EAX] >= 7 ? leaf(7, 0) : new int[4];
      int[] sevenOne = seven[EAX] >= 1 ? leaf(7, 1) : new int[4];
      var leaves = new Leaves(one, seven, sevenOne);
      long enabled = (one[ECX] >>> OSXSAVE_BIT & 1) != 0 ? xcr0() : 0;
      Set<Feature> features = EnumSet.noneOf(Feature.class);
      for (Feature f : Feature.values()) {
        if (f.in(leaves, enabled)) {
          features.add(f);
        }
      }
      int extended = leaf(0x80000000, 0)[EAX];
      long[] caches = new long[4];
      if (vendor.equals("AuthenticAMD") && Integer.compareUnsigned(extended, AMD_CACHES) >= 0) {
        readCaches(AMD_CACHES, caches);
      } else if (zero[EAX] >= INTEL_CACHES) {
        readCaches(INTEL_CACHES, caches);
      }
      String brand = Integer.compareUnsigned(extended, BRAND + 2) >= 0 ? brand() : "";
      return new CpuId(vendor, brand, features, caches[1], caches[2], caches[3]);
    }

    private String brand() {
      StringBuilder brand = new StringBuilder();
      for (int i = 0; i < 3; i++) {
        brand.append(text(leaf(BRAND + i, 0)));
      }
      return brand.toString().strip();
    }

    private void readCaches(int leaf, long[] bytesByLevel) {
      for (int i = 0; i < 16; i++) {
        int[] cache = leaf(leaf, i);
        int type = cache[EAX] & 31;
        if (type == 0) {
          return;
        }
        int level = cache[EAX] >>> 5 & 7;
        boolean holdsData = type == 1 || type == 3;
        if (holdsData && level < bytesByLevel.length) {
          long ways = (cache[EBX] >>> 22) + 1;
          long partitions = (cache[EBX] >>> 12 & 1023) + 1;
          long line = (cache[EBX] & 4095) + 1;
          long sets = Integer.toUnsignedLong(cache[ECX]) + 1;
          bytesByLevel[level] = ways * partitions * line * sets;
        }
      }
    }

    private int[] leaf(int leaf, int subleaf) {
      long unused = NativeCall.call(cpuid, leaf, subleaf, out.address(), 0, 0, 0);
      return out.toArray(JAVA_INT);
    }

    private long xcr0() {
      return NativeCall.call(xgetbv, 0, 0, 0, 0, 0, 0);
    }

    /** Four characters in each register, up to the first zero. */
    private static String text(int... registers) {
      StringBuilder s = new StringBuilder();
      for (int r : registers) {
        for (int shift = 0; shift < 32 && (r >>> shift & 255) != 0; shift += 8) {
          s.append((char) (r >>> shift & 255));
        }
      }
      return s.toString();
    }
  }
}
