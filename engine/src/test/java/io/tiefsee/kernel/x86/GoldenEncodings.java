package io.tiefsee.kernel.x86;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Writes {@code encodings.txt}: the instructions of {@code forms.txt} with many operands, and the
 * bytes that the GNU assembler makes of them. Needs {@code as} of binutils 2.40 or later. Run with
 * the resource folder {@code src/test/resources/x86} as the argument.
 */
final class GoldenEncodings {
  private static final int[][] LOW = {
    {0, 1, 2, 3}, {15, 9, 12, 10}, {7, 8, 3, 15}, {8, 7, 15, 2}, {3, 2, 14, 8}
  };
  private static final int[][] HIGH = {
    {31, 17, 20, 0}, {0, 31, 16, 1}, {16, 1, 30, 2}, {9, 25, 5, 3}, {5, 14, 23, 4}
  };
  private static final String[] R64 = {
    "rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13",
    "r14", "r15"
  };
  private static final String[] R32 = {
    "eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi", "r8d", "r9d", "r10d", "r11d", "r12d",
    "r13d", "r14d", "r15d"
  };
  private static final List<String> ADDRESSES =
      List.of(
          "[rax]",
          "[rbp]",
          "[r8+rbp*2+64]",
          "[rsp]",
          "[rsi+8]",
          "[r12]",
          "[rip+0x40]",
          "[rdi+64]",
          "[r13]",
          "[rsp+r12*4+32]",
          "[r9-32]",
          "[rbx+127]",
          "[r12+256]",
          "[rdx-128]",
          "[rax+rcx*2]",
          "[rbx+128]",
          "[rcx+8128]",
          "[rbp+rdx*4]",
          "[rsi+16]",
          "[rdx-129]",
          "[r13+r14*8]",
          "[rcx+508]",
          "[rip+0x1234]",
          "[rsp+16]",
          "[r12+rbp*1+5]",
          "[rcx+4096]",
          "[rax+r15*4-65536]",
          "[r8-1024]",
          "[rsi+2]");

  /** These get every address, the others a few in turn. */
  private static final Set<String> THOROUGH =
      Set.of("mov", "vpaddd", "vmovups", "vpmovsxbd", "vpdpbusd");

  private final Set<String> lines = new LinkedHashSet<>();
  private int turn;

  private GoldenEncodings() {}

  public static void main(String[] args) throws IOException, InterruptedException {
    Path folder = Path.of(args[0]);
    var golden = new GoldenEncodings();
    for (String line : Files.readAllLines(folder.resolve("forms.txt"))) {
      if (!line.startsWith("#")) {
        golden.expand(line.split(" "));
      }
    }
    List<String> text = List.copyOf(golden.lines);
    List<String> bytes = assemble(text);
    List<String> result = new ArrayList<>();
    for (int i = 0; i < text.size(); i++) {
      result.add(text.get(i) + "\t" + bytes.get(i));
    }
    Files.write(folder.resolve("encodings.txt"), result);
  }

  /** Parts: mnemonic, flags, widths, and operands if there are any. */
  private void expand(String[] parts) {
    String name = parts[0];
    if (parts.length == 3) {
      lines.add(name);
      return;
    }
    List<List<String>> forms = List.of(List.of());
    for (String alternatives : parts[3].split(",")) {
      List<List<String>> longer = new ArrayList<>();
      for (List<String> form : forms) {
        for (String token : alternatives.split("\\|")) {
          List<String> one = new ArrayList<>(form);
          one.add(token);
          longer.add(one);
        }
      }
      forms = longer;
    }
    for (List<String> form : forms) {
      for (char width : parts[2].toCharArray()) {
        variants(name, parts[1], form, 128 << "xyz".indexOf(width));
      }
    }
  }

  private void variants(String name, String flags, List<String> form, int bits) {
    boolean evex = !flags.startsWith("V");
    boolean vex = !flags.startsWith("E") && bits < 512;
    boolean memory = form.contains("m") || form.stream().anyMatch(t -> t.matches("w.*|b.|g|s"));
    int count = !memory ? 2 : THOROUGH.contains(name) ? ADDRESSES.size() : 2;
    for (int i = 0; i < count; i++) {
      if (vex) {
        add(name, form, bits, LOW[turn % LOW.length], "");
      }
      if (evex && (!vex || !memory || THOROUGH.contains(name))) {
        add(name, form, bits, HIGH[turn % HIGH.length], "");
      }
      turn++;
    }
    if (evex && !flags.contains("N")) {
      add(name, form, bits, HIGH[turn % HIGH.length], "{k" + (turn % 7 + 1) + "}");
      if (!form.getFirst().equals("m")) {
        add(name, form, bits, LOW[turn % LOW.length], "{k" + (turn % 7 + 1) + "}{z}");
      }
      turn++;
    }
  }

  private void add(String name, List<String> form, int bits, int[] registers, String mask) {
    List<String> operands = new ArrayList<>();
    for (int i = 0; i < form.size(); i++) {
      String operand = operand(form.get(i), bits, registers[i], name.startsWith("lea"));
      operands.add(i == 0 ? operand + mask : operand);
    }
    lines.add(name + " " + String.join(",", operands));
  }

  private String operand(String token, int bits, int register, boolean lea) {
    String address = ADDRESSES.get((turn * (lea ? 2 : 1)) % ADDRESSES.size());
    return switch (token) {
      case "v" -> vector(bits, register);
      case "h", "q", "o" -> vector(bits >> " hqo".indexOf(token), register);
      case "c" -> vector(bits / 2, register);
      case "X" -> vector(128, register);
      case "Y" -> vector(256, register);
      case "r" -> R64[register & 15];
      case "d" -> R32[register & 15];
      case "w8", "w16" -> address;
      case "k" -> "k" + (register & 7);
      case "m" -> address;
      case "b4" -> address + "{1to" + bits / 32 + "}";
      case "b8" -> address + "{1to" + bits / 64 + "}";
      case "g" ->
          "[r"
              + (8 + turn % 8)
              + "+"
              + vector(bits, 5 + turn % 2 * 8)
              + "*4+"
              + turn % 2 * 64
              + "]";
      case "s" -> "[r" + (8 + turn % 8) + "+" + R64[turn % 4] + "*1+" + turn % 2 * 64 + "]";
      case "t" -> "tmm" + (register & 7);
      case "i" -> Integer.toString(1 + turn % 7 * 5);
      case "I" -> Integer.toString(turn % 2 == 0 ? 1000 + turn : -70000 - turn);
      default -> {
        if (!token.matches("tmm[0-7]")) {
          throw new IllegalArgumentException(token);
        }
        yield token;
      }
    };
  }

  private static String vector(int bits, int register) {
    return (bits <= 128 ? "xmm" : bits == 256 ? "ymm" : "zmm") + register;
  }

  /** The bytes of each instruction in hexadecimal. */
  private static List<String> assemble(List<String> text) throws IOException, InterruptedException {
    StringBuilder source = new StringBuilder(".intel_syntax noprefix\n");
    text.forEach(t -> source.append(gnu(t)).append('\n'));
    Path folder = Files.createTempDirectory("encodings");
    Path input = Files.writeString(folder.resolve("input.s"), source);
    Path listing = folder.resolve("listing");
    Process as =
        new ProcessBuilder(
                "as",
                "--64",
                "-aln=" + listing,
                "--listing-lhs-width=8",
                "-o",
                folder.resolve("output.o").toString(),
                input.toString())
            .inheritIO()
            .start();
    if (as.waitFor() != 0) {
      throw new IOException("as failed");
    }
    List<String> bytes = new ArrayList<>();
    for (String line : Files.readAllLines(listing)) {
      String[] columns = line.strip().split("\\s+");
      if (columns.length > 2 && columns[1].matches("[0-9a-f]{4,}")) {
        StringBuilder hex = new StringBuilder();
        for (int i = 2; i < columns.length && columns[i].matches("[0-9A-F]{2,8}"); i++) {
          hex.append(columns[i]);
        }
        bytes.add(hex.toString().toLowerCase(Locale.ROOT));
      }
    }
    if (bytes.size() != text.size()) {
      throw new IOException(bytes.size() + " listed for " + text.size() + " instructions");
    }
    return bytes;
  }

  /** Our names differ from the GNU assembler's where the width of memory is in the name. */
  private static String gnu(String line) {
    if (line.startsWith("movzxb ") || line.startsWith("movsxb ")) {
      return line.substring(0, 5) + line.substring(6).replace("[", "byte ptr [");
    } else if (line.startsWith("movzxw ") || line.startsWith("movsxw ")) {
      return line.substring(0, 5) + line.substring(6).replace("[", "word ptr [");
    } else if (line.contains("Vex ")) {
      return "{vex} " + line.replace("Vex ", " ");
    }
    return line;
  }
}
