package io.tiefsee.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tiefsee.tensor.BadInput;
import io.tiefsee.tensor.Utf8Strings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Arrays of strings in headers: what is UTF-8 is read, what is not is refused. */
final class StringArrayTest {
  @TempDir Path dir;

  @Test
  void stringsOfAllLengthsComeBack() {
    String[] strings = {"", "a", "ü", "▁", "𝄞", "\uFFFD", "x".repeat(100_000), "", "end"};
    Path file = dir.resolve("strings.gguf");
    new GgufWriter().metadata("strings", strings).write(file);
    try (Weights weights = Weights.open(file)) {
      Utf8Strings read = (Utf8Strings) weights.metadata().get("strings");
      assertThat(read).containsExactly(strings);
      assertThat(read).isEqualTo(Utf8Strings.of(Arrays.asList(strings)));
      assertThatThrownBy(() -> read.get(strings.length))
          .isInstanceOf(IndexOutOfBoundsException.class);
    }
  }

  /** Of each code point the first and the last in UTF-8 of its length, and those around gaps. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "00",
        "7f",
        "c280",
        "dfbf",
        "e0a080",
        "ed9fbf",
        "ee8080",
        "efbfbf",
        "f0908080",
        "f48fbfbf"
      })
  void readsWhatIsUtf8(String hex) throws IOException {
    try (Weights weights = Weights.open(holding(hex, ""))) {
      Utf8Strings read = (Utf8Strings) weights.metadata().get("strings");
      assertThat(read.get(0).codePointCount(0, read.get(0).length())).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "80",
        "bf",
        "c2",
        "c0af",
        "c1bf",
        "c220",
        "e08080",
        "e09fbf",
        "e180",
        "eda080",
        "edbfbf",
        "f08080",
        "f0808080",
        "f08fbfbf",
        "f4908080",
        "f5808080",
        "ff",
        "fe"
      })
  void refusesWhatIsNot(String hex) throws IOException {
    Path file = holding(hex, "");
    assertThatThrownBy(() -> Weights.open(file))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("not UTF-8");
  }

  @Test
  void aCharacterDoesNotRunOverTwoStrings() throws IOException {
    Path file = holding("c3", "bc");
    assertThatThrownBy(() -> Weights.open(file))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("not UTF-8");
  }

  /** A file whose two strings are these bytes. */
  private Path holding(String first, String second) throws IOException {
    Path file = dir.resolve("made.gguf");
    String marks = "Y".repeat(first.length() / 2);
    String more = "Z".repeat(second.length() / 2);
    new GgufWriter().metadata("strings", new String[] {marks, more}).write(file);
    byte[] bytes = Files.readAllBytes(file);
    // Behind the strings there is only padding.
    put(bytes, HexFormat.of().parseHex(second), (byte) 'Z');
    put(bytes, HexFormat.of().parseHex(first), (byte) 'Y');
    return Files.write(file, bytes);
  }

  /** Puts {@code values} over the last run of as many marks. */
  private static void put(byte[] bytes, byte[] values, byte mark) {
    byte[] marks = new byte[values.length];
    Arrays.fill(marks, mark);
    for (int at = bytes.length - marks.length; marks.length > 0; at--) {
      if (Arrays.equals(bytes, at, at + marks.length, marks, 0, marks.length)) {
        System.arraycopy(values, 0, bytes, at, values.length);
        return;
      }
    }
  }
}
