package io.tiefsee.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tiefsee.tensor.BadInput;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CheckpointsTest {
  /** Two tensors and a counter, as a stage would have them. */
  private static final class Thing {
    final MemorySegment a = Arena.ofAuto().allocate(4 * 5, 64);
    final MemorySegment b = Arena.ofAuto().allocate(4, 64);
    long counter;

    Thing fill(float value) {
      for (int i = 0; i < 5; i++) {
        a.setAtIndex(ValueLayout.JAVA_FLOAT, i, value + i);
      }
      b.set(ValueLayout.JAVA_FLOAT, 0, -value);
      counter = (long) value;
      return this;
    }

    StageState state() {
      return new StageState()
          .tensor("a", a)
          .tensor("b", b)
          .counter("steps", () -> counter, v -> counter = v);
    }

    void assertFilled(float value) {
      Thing wanted = new Thing().fill(value);
      assertThat(a.mismatch(wanted.a)).isEqualTo(-1);
      assertThat(b.mismatch(wanted.b)).isEqualTo(-1);
      assertThat(counter).isEqualTo(wanted.counter);
    }
  }

  @TempDir private Path folder = Path.of("");
  private final List<String> notices = new ArrayList<>();

  private Checkpoints checkpoints(String config, int keep) {
    return new Checkpoints(folder.resolve("checkpoints"), config, keep, notices::add);
  }

  private List<String> names() throws IOException {
    try (Stream<Path> paths = Files.list(folder.resolve("checkpoints"))) {
      return paths.map(p -> p.getFileName().toString()).sorted().toList();
    }
  }

  private Path file(String checkpoint, String name) {
    return folder.resolve("checkpoints").resolve(checkpoint).resolve(name);
  }

  @Test
  void comesBackBitForBitAndKeepsTheLastOnes() throws IOException {
    Checkpoints c = checkpoints("x", 2);
    assertThat(c.restore("sft", new Thing().state())).isEmpty();
    for (int step = 1; step <= 4; step++) {
      c.save("sft", step, new Thing().fill(step).state());
    }
    c.save("sft-b", 9, new Thing().fill(9).state());
    assertThat(names()).containsExactly("sft-00000003", "sft-00000004", "sft-b-00000009");
    Thing back = new Thing();
    assertThat(c.restore("sft", back.state())).hasValue(4);
    back.assertFilled(4);
    c.clear("sft");
    assertThat(names()).containsExactly("sft-b-00000009");
    assertThat(notices).isEmpty();
  }

  @Test
  void aDamagedOneIsPassedOver() throws IOException {
    Checkpoints c = checkpoints("x", 5);
    for (int step = 1; step <= 4; step++) {
      c.save("grpo", step, new Thing().fill(step).state());
    }
    try (RandomAccessFile f =
        new RandomAccessFile(file("grpo-00000004", "state.safetensors").toFile(), "rw")) {
      f.setLength(f.length() - 3); // cut
    }
    try (RandomAccessFile f =
        new RandomAccessFile(file("grpo-00000003", "state.safetensors").toFile(), "rw")) {
      f.seek(f.length() - 2); // another byte
      f.write(f.read() ^ 1);
    }
    Files.writeString(file("grpo-00000002", "checkpoint.json"), "{\"format\": 1, ");
    Thing back = new Thing();
    assertThat(c.restore("grpo", back.state())).hasValue(1);
    back.assertFilled(1);
    assertThat(notices).hasSize(3);
    assertThat(notices.get(0)).contains("grpo-00000004 is passed over: state.safetensors has ");
    assertThat(notices.get(1)).contains("grpo-00000003 is passed over: ").contains("checksum");
    assertThat(notices.get(2)).contains("grpo-00000002 is passed over: checkpoint.json is no");

    c.save("grpo", 4, new Thing().fill(44).state());
    assertThat(c.restore("grpo", back.state())).hasValue(4);
    back.assertFilled(44);
  }

  /** Else the damaged ones, being of later steps, would count as the newest and alone be kept. */
  @Test
  void aRunThatWentBackLeavesFreshOnesBehind() throws IOException {
    Checkpoints c = checkpoints("x", 5);
    for (int step = 10; step <= 30; step += 10) {
      c.save("grpo", step, new Thing().fill(step).state());
    }
    c.save("sft", 40, new Thing().fill(40).state());
    for (String damaged : List.of("grpo-00000020", "grpo-00000030")) {
      Files.writeString(file(damaged, "checkpoint.json"), "{");
    }
    Checkpoints again = checkpoints("x", 1);
    Thing back = new Thing();
    assertThat(again.restore("grpo", back.state())).hasValue(10);
    again.save("grpo", 15, back.fill(15).state());
    assertThat(names()).containsExactly("grpo-00000015", "sft-00000040");
    assertThat(again.restore("grpo", new Thing().state())).hasValue(15);
  }

  @Test
  void anotherShapeChangesNothing() {
    Checkpoints c = checkpoints("x", 5);
    c.save("sft", 1, new Thing().fill(1).state());
    Thing other = new Thing().fill(3);
    StageState more = other.state().tensor("c", other.a);
    assertThat(c.restore("sft", more)).isEmpty();
    StageState counts = other.state().counter("more", () -> 1, v -> {});
    assertThat(c.restore("sft", counts)).isEmpty();
    other.assertFilled(3);
    assertThat(notices).hasSize(2);
  }

  @Test
  void anotherConfigurationIsRefused() {
    checkpoints("x", 5).save("sft", 1, new Thing().fill(1).state());
    Thing other = new Thing().fill(3);
    assertThatThrownBy(() -> checkpoints("y", 5).restore("sft", other.state()))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("sft-00000001 belongs to a run with another configuration");
    other.assertFilled(3);
  }

  @Test
  void whatCannotBeWrittenLeavesTheLastGoodOne() throws IOException {
    Checkpoints c = checkpoints("x", 1);
    c.save("sft", 1, new Thing().fill(1).state());
    // A file where the next one's folder would be made.
    Thing next = new Thing().fill(2);
    StageState failing =
        next.state()
            .counter(
                "disk",
                () -> {
                  throw new BadInput("disk", new IOException("No space left on device"));
                },
                v -> {});
    assertThatThrownBy(() -> c.save("sft", 2, failing))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("sft-00000002 cannot be written: No space left on device")
        .hasMessageContaining("the last good one is ")
        .hasMessageContaining("sft-00000001");
    assertThat(names()).containsExactly("sft-00000001");
    Thing back = new Thing();
    assertThat(c.restore("sft", back.state())).hasValue(1);
    back.assertFilled(1);
  }

  @Test
  void aFileInTheWayIsNamed() throws IOException {
    Files.writeString(folder.resolve("checkpoints"), "a file");
    assertThatThrownBy(() -> checkpoints("x", 1).save("sft", 1, new Thing().state()))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("cannot be written: a file of that name is in the way")
        .hasMessageContaining("there is none yet");
  }
}
