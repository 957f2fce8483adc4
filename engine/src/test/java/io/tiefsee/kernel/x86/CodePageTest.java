package io.tiefsee.kernel.x86;

import static io.tiefsee.kernel.x86.Registers.*;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Assembled routines, run on this machine. */
class CodePageTest {
  @BeforeEach
  void onlyOnX86() {
    assumeTrue(Set.of("amd64", "x86_64").contains(System.getProperty("os.arch")));
  }

  @Test
  void sumsAnArray() throws Throwable {
    var a = new Assembler();
    a.prologue(2);
    a.xor(rax, rax);
    Label end = a.label();
    a.test(rsi, rsi);
    a.je(end);
    Label loop = a.here();
    a.add(rax, mem(rdi, rsi, 8, -8));
    a.dec(rsi);
    a.jne(loop);
    a.bind(end);
    a.epilogue();
    try (Arena arena = Arena.ofConfined()) {
      MethodHandle sum = page(arena, a).handle(0, returningLong(2));
      MemorySegment numbers = arena.allocateFrom(JAVA_LONG, 5, -7, 1L << 40, 3);
      assertThat((long) sum.invokeExact(numbers.address(), 4L)).isEqualTo((1L << 40) + 1);
      assertThat((long) sum.invokeExact(numbers.address(), 0L)).isZero();
    }
  }

  @Test
  void multipliesVectorsByFma() throws Throwable {
    assumeTrue(CpuId.detect() instanceof CpuId cpu && cpu.avx2());
    var a = new Assembler();
    a.prologue(4); // x, y, count (a multiple of 8), result
    a.vmovups(ymm0, mem(a.floats(1, 0, 0, 0, 0, 0, 0, 0)));
    Label loop = a.here();
    a.vmovups(ymm1, mem(rdi));
    a.vfmadd231ps(ymm0, ymm1, mem(rsi));
    a.add(rdi, 32);
    a.add(rsi, 32);
    a.sub(rdx, 8);
    a.jg(loop);
    a.vextractf128(xmm1, ymm0, 1);
    a.vaddps(xmm0, xmm0, xmm1);
    a.vhaddps(xmm0, xmm0, xmm0);
    a.vhaddps(xmm0, xmm0, xmm0);
    a.vmovss(mem(rcx), xmm0);
    a.epilogue();
    MethodHandle dot = CodePage.link(a.assemble(), 4);
    try (Arena arena = Arena.ofConfined()) {
      float[] numbers = new float[40];
      for (int i = 0; i < numbers.length; i++) {
        numbers[i] = i;
      }
      MemorySegment x = arena.allocateFrom(JAVA_FLOAT, numbers);
      MemorySegment result = arena.allocate(4);
      dot.invokeExact(x.address(), x.address(), 40L, result.address());
      assertThat(result.get(JAVA_FLOAT, 0)).isEqualTo(1 + 39 * 40 * 79 / 6);
    }
  }

  @Test
  void passesEightArguments() throws Throwable {
    var a = new Assembler();
    a.prologue(8, rbx, r12);
    weigh(a);
    a.epilogue();
    try (Arena arena = Arena.ofConfined()) {
      MethodHandle weighed = page(arena, a).handle(0, returningLong(8));
      assertThat((long) weighed.invokeExact(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L)).isEqualTo(12345678);
    }
  }

  /**
   * A routine for Windows, called from a small routine that brings the arguments to their places.
   */
  @Test
  void takesArgumentsTheWindowsWay() throws Throwable {
    assumeTrue(Abi.host() == Abi.SYSTEM_V);
    assumeTrue(CpuId.detect() instanceof CpuId cpu && cpu.avx2());
    var callee = new Assembler(Abi.WIN64);
    callee.prologue(8, rbx, r12);
    for (int i = 6; i < 16; i++) {
      callee.vxorps(ymm(i), ymm(i), ymm(i));
    }
    weigh(callee);
    callee.epilogue();
    try (Arena arena = Arena.ofConfined()) {
      CodePage windows = page(arena, callee);
      var caller = new Assembler(Abi.SYSTEM_V);
      caller.prologue(8, rbx, r12, rbp);
      for (Reg r : new Reg[] {r11, r10, r9, r8}) {
        caller.push(r);
      }
      caller.sub(rsp, 32);
      caller.mov(r9, rcx);
      caller.mov(r8, rdx);
      caller.mov(rdx, rsi);
      caller.mov(rcx, rdi);
      for (Reg r : new Reg[] {rbx, r12, rdi, rsi}) {
        caller.mov(r, 7);
      }
      caller.mov(rax, 1000);
      caller.vmovq(xmm6, rax);
      caller.vmovq(xmm15, rax);
      Label back = caller.label();
      caller.lea(rax, mem(back));
      caller.push(rax);
      caller.mov(rax, windows.code(0).address());
      caller.push(rax);
      caller.ret();
      caller.bind(back);
      caller.add(rsp, 64);
      // 12345678 + 4·7 + 2·1000 if all was saved.
      for (Reg r : new Reg[] {rbx, r12, rdi, rsi}) {
        caller.add(rax, r);
      }
      for (Vec v : new Vec[] {xmm6, xmm15}) {
        caller.vmovq(rcx, v);
        caller.add(rax, rcx);
      }
      caller.epilogue();
      MethodHandle weighed = page(arena, caller).handle(0, returningLong(8));
      assertThat((long) weighed.invokeExact(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L))
          .isEqualTo(12345678 + 28 + 2000);
    }
  }

  @Test
  void placesSeveralRoutines() throws Throwable {
    byte[][] routines = new byte[100][];
    for (int i = 0; i < routines.length; i++) {
      var a = new Assembler();
      a.mov(rax, mem(a.ints(i, 0, i, 0)));
      a.ret();
      routines[i] = a.assemble();
    }
    try (Arena arena = Arena.ofConfined()) {
      assertThat(CodePage.map(arena, routines)).isInstanceOf(CodePage.class);
      CodePage page = (CodePage) CodePage.map(arena, routines);
      for (int i = 0; i < routines.length; i++) {
        assertThat((long) page.handle(i, returningLong(0)).invokeExact()).isEqualTo(i);
        assertThat(page.code(i).address() % 64).isZero();
      }
    }
  }

  @Test
  void isNeverWritableAndExecutable() throws IOException {
    Path maps = Path.of("/proc/self/maps");
    assumeTrue(Files.exists(maps));
    var a = new Assembler();
    a.ret();
    long address;
    try (Arena arena = Arena.ofConfined()) {
      address = page(arena, a).code(0).address();
      assertThat(Files.readAllLines(maps))
          .anyMatch(
              line -> line.startsWith(Long.toHexString(address) + "-") && line.contains("r-xp"));
    }
    assertThat(Files.readAllLines(maps))
        .noneMatch(line -> line.startsWith(Long.toHexString(address) + "-"));
  }

  /** rax = the arguments as decimal digits. */
  private static void weigh(Assembler a) {
    a.xor(rbx, rbx);
    a.mov(r12, 10);
    for (Reg r : new Reg[] {rdi, rsi, rdx, rcx, r8, r9, r10, r11}) {
      a.imul(rbx, r12);
      a.add(rbx, r);
    }
    a.mov(rax, rbx);
  }

  private static CodePage page(Arena arena, Assembler a) {
    return (CodePage) CodePage.map(arena, a.assemble());
  }

  private static FunctionDescriptor returningLong(int arguments) {
    MemoryLayout[] longs = new MemoryLayout[arguments];
    Arrays.fill(longs, JAVA_LONG);
    return FunctionDescriptor.of(JAVA_LONG, longs);
  }
}
