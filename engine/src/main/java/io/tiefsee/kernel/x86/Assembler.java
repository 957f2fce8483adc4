package io.tiefsee.kernel.x86;

import static io.tiefsee.kernel.x86.Registers.*;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An assembler for one routine of x86-64 machine code, with AVX2, AVX-512 and AMX.
 *
 * <pre>{@code
 * var a = new Assembler();
 * a.prologue(2);                            // rdi = numbers, rsi = how many, a multiple of 8
 * a.vxorps(ymm0, ymm0, ymm0);
 * Label loop = a.here();
 * a.vaddps(ymm0, ymm0, mem(rdi));
 * a.add(rdi, 32);
 * a.sub(rsi, 8);
 * a.jg(loop);
 * …
 * a.epilogue();
 * byte[] code = a.assemble();
 * }</pre>
 *
 * <p>Instructions take operands in Intel's order, destination first. Whether VEX or EVEX is written
 * follows from the operands. Wrong operands throw {@link IllegalArgumentException}: an error of the
 * kernel's author, found by its first assembly. Constants follow the code. An instance makes one
 * routine and is not thread-safe.
 *
 * <p>This package is part of the program's start: it does without lambdas and pattern switches,
 * whose first use costs the JVM milliseconds.
 */
public final class Assembler extends TileInstructions {
  /** What {@link #prologue} puts arguments into; all are free to change. */
  private static final List<Reg> ARGUMENTS = List.of(rdi, rsi, rdx, rcx, r8, r9, r10, r11);

  private static final List<Reg> WIN64_ARGUMENTS = List.of(rcx, rdx, r8, r9);
  private static final int FIRST_SAVED_XMM = 6;
  private static final int SAVED_XMMS = 10;

  private final Abi abi;
  private final Map<ByteBuffer, Label> constants = new LinkedHashMap<>();
  private final List<Reg> saved = new ArrayList<>();

  /** An assembler for code that this machine's callers call. */
  public Assembler() {
    this(Abi.host());
  }

  /** An assembler for code called by a given convention. */
  public Assembler(Abi abi) {
    this.abi = abi;
  }

  /**
   * Starts a routine of up to eight 64-bit integer arguments, whatever the calling convention: they
   * are in rdi, rsi, rdx, rcx, r8, r9, r10, r11 afterwards. Besides these, rax and all vector and
   * mask registers are free to use.
   *
   * @param arguments how many there are
   * @param preserve which of rbx, rbp, r12 to r15 the routine uses; {@link #epilogue} restores them
   */
  public void prologue(int arguments, Reg... preserve) {
    if (arguments > ARGUMENTS.size()) {
      throw new IllegalArgumentException("at most 8 arguments, not " + arguments);
    }
    saved.addAll(List.of(preserve));
    if (abi == Abi.WIN64) {
      saved.addAll(List.of(rdi, rsi));
    }
    for (Reg r : saved) {
      push(r);
    }
    int frame = 8 + 8 * saved.size();
    if (abi == Abi.SYSTEM_V) {
      for (int i = 6; i < arguments; i++) {
        mov(ARGUMENTS.get(i), mem(rsp, frame + 8 * (i - 6)));
      }
      return;
    }
    sub(rsp, 16 * SAVED_XMMS);
    frame += 16 * SAVED_XMMS;
    for (int i = 0; i < SAVED_XMMS; i++) {
      vmovups(mem(rsp, 16 * i), xmm(FIRST_SAVED_XMM + i));
    }
    for (int i = 0; i < arguments; i++) {
      // Above the return address the caller leaves a home of 32 bytes for the first four.
      mov(ARGUMENTS.get(i), i < 4 ? WIN64_ARGUMENTS.get(i) : mem(rsp, frame + 8 * i));
    }
  }

  /** Ends the routine: clears the upper vector halves, restores what was saved and returns. */
  public void epilogue() {
    vzeroupper();
    if (abi == Abi.WIN64) {
      for (int i = 0; i < SAVED_XMMS; i++) {
        vmovups(xmm(FIRST_SAVED_XMM + i), mem(rsp, 16 * i));
      }
      add(rsp, 16 * SAVED_XMMS);
    }
    for (Reg r : saved.reversed()) {
      pop(r);
    }
    ret();
  }

  /** A constant after the code, for {@code mem(label)}; equal constants are kept once. */
  public Label bytes(byte... values) {
    ByteBuffer key = ByteBuffer.wrap(values.clone());
    Label known = constants.get(key);
    if (known != null) {
      return known;
    }
    Label label = label();
    constants.put(key, label);
    return label;
  }

  /** A constant of 32-bit integers; one for a scalar or a broadcast, eight for a ymm. */
  public Label ints(int... values) {
    ByteBuffer b = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    b.asIntBuffer().put(values);
    return bytes(b.array());
  }

  /** A constant of 32-bit floats. */
  public Label floats(float... values) {
    ByteBuffer b = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    b.asFloatBuffer().put(values);
    return bytes(b.array());
  }

  /** The finished routine: position-independent code and its constants. Start it at 64·n. */
  public byte[] assemble() {
    for (Map.Entry<ByteBuffer, Label> constant : constants.entrySet()) {
      byte[] values = constant.getKey().array();
      align(Math.min(64, Integer.highestOneBit(values.length)));
      bind(constant.getValue());
      out.writeBytes(values);
    }
    return layout.resolve(out.toByteArray());
  }
}
