package io.tiefsee.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Utf8AssemblerTest {
  @Test
  void everyWayToCutInTwoGivesTheSameText() {
    String text = "aé漢😀\u0000\uFFFD👩‍👩‍👧e\u0301z";
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    for (int cut = 0; cut <= bytes.length; cut++) {
      StringBuilder out = new StringBuilder();
      Utf8Assembler assembler = new Utf8Assembler();
      assembler.accept(Arrays.copyOf(bytes, cut), out);
      assertThat(text).startsWith(out.toString());
      assembler.accept(Arrays.copyOfRange(bytes, cut, bytes.length), out);
      assembler.flush(out);
      assertThat(out).hasToString(text);
    }
  }

  // What Rust's from_utf8_lossy gives: one replacement for each maximal ill-formed part.
  @ParameterizedTest
  @CsvSource({
    "80, 1",
    "c0af, 2",
    "e080, 2",
    "eda080, 3",
    "f0808080, 4",
    "f09f98, 1",
    "f09f9841, 1",
    "f4908080, 4",
    "e6bc, 1",
    "e6bcf09f, 2",
    "ff, 1",
    "c3c3, 2"
  })
  void illFormedPartsBecomeOneReplacementEach(String hex, int replacements) {
    StringBuilder out = new StringBuilder();
    Utf8Assembler assembler = new Utf8Assembler();
    for (byte b : HexFormat.of().parseHex(hex)) {
      assembler.accept(new byte[] {b}, out);
    }
    assembler.flush(out);
    assertThat(out.chars().filter(c -> c == 0xFFFD).count()).isEqualTo(replacements);
  }
}
