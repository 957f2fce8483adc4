package io.tiefsee.kernel.x86;

import static io.tiefsee.kernel.x86.Registers.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Every instruction's bytes against those of the GNU assembler; jumps, padding and constants. */
class AssemblerTest {
  private static final Map<String, Reg> REGISTERS =
      Arrays.stream(Registers.class.getFields())
          .filter(f -> f.getType() == Reg.class)
          .collect(Collectors.toMap(f -> f.getName(), AssemblerTest::register));
  private static final Map<String, List<Method>> METHODS =
      Arrays.stream(Assembler.class.getMethods()).collect(Collectors.groupingBy(Method::getName));
  private static final Pattern MASKED =
      Pattern.compile("(.*?)(?:\\{k(\\d)})?(\\{z})?(\\{1to\\d+})?");
  private static final Pattern ADDRESS =
      Pattern.compile("\\[(\\w+)(?:\\+(\\w+)\\*(\\d))?([+-]\\w+)?]");

  /** Public methods that are not instructions, or whose bytes other tests check. */
  private static final Set<String> NO_INSTRUCTIONS =
      Set.of(
          "label",
          "bind",
          "here",
          "align",
          "prologue",
          "epilogue",
          "bytes",
          "ints",
          "floats",
          "assemble",
          "jmp",
          "jcc",
          "je",
          "jne",
          "jl",
          "jle",
          "jg",
          "jge",
          "jb",
          "jbe",
          "ja",
          "jae",
          "js",
          "jns");

  @Test
  void encodesAsTheGnuAssembler() throws Exception {
    List<String> wrong = new ArrayList<>();
    List<String> lines = golden();
    assertThat(lines).hasSizeGreaterThan(7000);
    for (String line : lines) {
      String[] parts = line.split("\t");
      String bytes;
      try {
        bytes = encode(parts[0]);
      } catch (ReflectiveOperationException | RuntimeException e) {
        bytes = e + " " + e.getCause();
      }
      if (!bytes.equals(parts[1])) {
        wrong.add(parts[0] + ": " + bytes + " instead of " + parts[1]);
      }
    }
    assertThat(wrong).isEmpty();
  }

  @Test
  void goldenFileHasEveryInstruction() throws Exception {
    Set<String> missing = new TreeSet<>();
    for (Method m : Assembler.class.getMethods()) {
      if (m.getDeclaringClass() != Object.class && !Modifier.isStatic(m.getModifiers())) {
        missing.add(m.getName());
      }
    }
    missing.removeAll(NO_INSTRUCTIONS);
    assertThat(missing).hasSizeGreaterThan(300);
    golden().forEach(line -> missing.remove(methodName(line.split("[ \t]")[0])));
    assertThat(missing).isEmpty();
  }

  @Test
  void jumpsAreShortWhereTheyReach() {
    var a = new Assembler();
    Label start = a.here();
    Label end = a.label();
    a.je(end);
    IntStream.range(0, 63).forEach(_ -> a.jmp(start));
    a.bind(end);
    byte[] code = a.assemble();
    assertThat(code).hasSize(2 + 63 * 2).startsWith(0x74, 126).endsWith(0xEB, 0x80);
  }

  @Test
  void jumpsGrowWhereTheyDoNotReach() {
    var a = new Assembler();
    Label start = a.here();
    Label end = a.label();
    a.je(end);
    a.jmp(end);
    IntStream.range(0, 128).forEach(_ -> a.ret());
    a.bind(end);
    a.jne(start);
    byte[] code = a.assemble();
    assertThat(HexFormat.of().formatHex(code, 0, 11)).isEqualTo("0f8485000000" + "e980000000");
    assertThat(HexFormat.of().formatHex(code, 139, 145)).isEqualTo("0f856fffffff");
    assertThat(code).hasSize(145);
  }

  @Test
  void paddingAndConstantsAreAligned() {
    var a = new Assembler();
    a.ret();
    a.align(16);
    a.vmovups(ymm1, mem(a.ints(1, 2, 3, 4, 5, 6, 7, 8)));
    a.vbroadcastss(ymm2, mem(a.floats(1f)));
    a.vbroadcastss(ymm3, mem(a.floats(1f)));
    byte[] code = a.assemble();
    // 16 + 8 + 9 + 9 bytes of code, padding to 64, 32 bytes and one float.
    assertThat(code).hasSize(64 + 32 + 4);
    assertThat(HexFormat.of().formatHex(code, 0, 16))
        .isEqualTo("c3" + "0f1f840000000000" + "0f1f8000000000");
    assertThat(HexFormat.of().formatHex(code, 16, 24)).isEqualTo("c5fc100d28000000");
    assertThat(Arrays.copyOfRange(code, 96, 100)).containsExactly(0, 0, 0x80, 0x3F);
  }

  @Test
  void wrongOperandsAreRefused() {
    var a = new Assembler();
    assertThatThrownBy(() -> a.vpaddd(ymm0, ymm1, xmm2)).hasMessageContaining("widths differ");
    assertThatThrownBy(() -> a.vpaddd(ymm0, zmm1, mem(rax))).hasMessageContaining("widths differ");
    assertThatThrownBy(() -> a.vpand(zmm0, zmm1, zmm2)).hasMessageContaining("no EVEX form");
    assertThatThrownBy(() -> a.vpshufb(ymm0, ymm1, mem(rax).bcst()))
        .hasMessageContaining("no broadcast");
    assertThatThrownBy(() -> a.vpmovsxbw(ymm0, rax)).hasMessageContaining("neither a vector");
    assertThatThrownBy(() -> a.mov(rax, ebx)).hasMessageContaining("do not match");
    assertThatThrownBy(() -> mem(rax, rsp, 1)).hasMessageContaining("rsp");
    assertThatThrownBy(() -> mem(rax, rcx, 3)).hasMessageContaining("scale");
    Label label = a.label();
    a.jmp(label);
    assertThatThrownBy(a::assemble).hasMessageContaining("never bound");
  }

  private static List<String> golden() throws IOException {
    try (InputStream in = AssemblerTest.class.getResourceAsStream("/x86/encodings.txt")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    }
  }

  private static Reg register(java.lang.reflect.Field f) {
    try {
      return (Reg) f.get(null);
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String methodName(String mnemonic) {
    return mnemonic.startsWith("cmov") ? "cmov" : mnemonic;
  }

  /** Calls the assembler's method for a line of assembly. */
  private static String encode(String text) throws ReflectiveOperationException {
    String[] words = text.split(" ");
    var a = new Assembler(Abi.SYSTEM_V);
    Label label = a.label();
    List<Object> operands = new ArrayList<>();
    if (words[0].startsWith("cmov")) {
      operands.add(GeneralInstructions.Condition.valueOf(words[0].substring(4).toUpperCase()));
    }
    for (String operand : words.length == 1 ? new String[0] : words[1].split(",")) {
      operands.add(parse(operand, label));
    }
    Matcher relative = Pattern.compile("rip\\+0x(\\w+)").matcher(text);
    invoke(a, methodName(words[0]), operands);
    // The label's place is as far on as the displacement says.
    int distance = relative.find() ? Integer.parseInt(relative.group(1), 16) : 0;
    IntStream.range(0, distance).forEach(_ -> a.ret());
    a.bind(label);
    byte[] code = a.assemble();
    return HexFormat.of().formatHex(code, 0, code.length - distance);
  }

  private static void invoke(Assembler a, String name, List<Object> operands)
      throws ReflectiveOperationException {
    for (Method m : METHODS.getOrDefault(name, List.of())) {
      Class<?>[] types = m.getParameterTypes();
      if (types.length == operands.size()
          && IntStream.range(0, types.length).allMatch(i -> fits(types[i], operands.get(i)))) {
        m.invoke(a, operands.toArray());
        return;
      }
    }
    throw new NoSuchMethodException(name + operands);
  }

  private static boolean fits(Class<?> type, Object operand) {
    return operand instanceof Integer
        ? type == int.class || type == long.class
        : type.isInstance(operand);
  }

  private static Object parse(String text, Label label) {
    Matcher m = MASKED.matcher(text);
    if (!m.matches()) {
      throw new IllegalArgumentException(text);
    }
    String name = m.group(1);
    if (name.matches("-?\\d+")) {
      return Integer.valueOf(name);
    }
    if (name.matches("k\\d")) {
      return new Mask(name.charAt(1) - '0');
    }
    if (name.matches("tmm\\d")) {
      return new Tile(name.charAt(3) - '0');
    }
    int mask = m.group(2) == null ? 0 : Integer.parseInt(m.group(2));
    if (name.startsWith("[")) {
      Mem memory = address(name, label).k(new Mask(mask));
      return m.group(4) == null ? memory : memory.bcst();
    }
    if (!name.matches("[xyz]mm\\d+")) {
      return REGISTERS.get(name);
    }
    Vec v = vector(name).k(new Mask(mask));
    return m.group(3) == null ? v : v.z();
  }

  private static Vec vector(String name) {
    return new Vec(Integer.parseInt(name.substring(3)), 128 << "xyz".indexOf(name.charAt(0)));
  }

  private static Mem address(String text, Label label) {
    Matcher m = ADDRESS.matcher(text);
    if (!m.matches()) {
      throw new IllegalArgumentException(text);
    }
    if (m.group(1).equals("rip")) {
      return mem(label);
    }
    Reg base = REGISTERS.get(m.group(1));
    int disp = m.group(4) == null ? 0 : Integer.parseInt(m.group(4));
    if (m.group(2) == null) {
      return mem(base, disp);
    }
    Operand index = m.group(2).contains("mm") ? vector(m.group(2)) : REGISTERS.get(m.group(2));
    return mem(base, index, Integer.parseInt(m.group(3)), disp);
  }
}
