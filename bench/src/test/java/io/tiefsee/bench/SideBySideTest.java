package io.tiefsee.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Races shell scripts that print what the real programs would. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "the racers are shell scripts")
class SideBySideTest {
  @TempDir Path folder;
  private Path model;
  private Path report;

  @BeforeEach
  void racers() throws IOException {
    model = Files.writeString(folder.resolve("model.gguf"), "");
    report = folder.resolve("report.json");
    // Twice as fast with prompts, three times at generation, four times at depth.
    script(
        "tiefsee",
        """
        echo "$@" >>"$(dirname "$0")/calls"
        case "$*" in
          perplexity*) echo '{"tokens":1024,"nll":3.0,"perplexity":20.1}'; exit ;;
        esac
        cat <<END
        {"isa":"avx2","prompt":{"tokens":8,"tokens_per_second":{"min":1,"median":200,"max":300}},
         "generate":{"tokens":8,"tokens_per_second":{"min":1,"median":60,"max":70}},
         "memory":{"read_gb_s":20.0,"used_gb_s":18.0,"share":0.9}}
        END
        """);
    script(
        "llama-bench",
        """
        echo "$@" >>"$(dirname "$0")/calls"
        case "$*" in
          --help) echo '  -gp <pp,tg>  (default: )'; exit ;;
          *"-gp 4096,8"*) speed=15 ;;
          *"-n 8"*) speed=20 ;;
          *) speed=100 ;;
        esac
        printf 'a note\\n[\\n{"n_prompt": 8, "samples_ts": [ %s, %s, %s ]}\\n]\\n' $speed 1 1000
        """);
  }

  private void script(String name, String body) throws IOException {
    Path file = Files.writeString(folder.resolve(name), "#!/bin/sh\n" + body);
    assertThat(file.toFile().setExecutable(true)).isTrue();
  }

  private JsonNode race(String... more) throws IOException {
    List<String> args =
        new java.util.ArrayList<>(
            List.of(
                "--model",
                model.toString(),
                "--launcher",
                folder.resolve("tiefsee").toString(),
                "--peer",
                "peer=" + folder.resolve("llama-bench"),
                "--prompts",
                "256",
                "--generate",
                "8",
                "--threads",
                "2",
                "--rounds",
                "3",
                "--json",
                report.toString()));
    args.addAll(List.of(more));
    assertThat(Commands.execute(new SideBySide(), args.toArray(String[]::new))).isZero();
    return Racer.JSON.readTree(Files.readString(report)).get(0).get("results");
  }

  private static JsonNode line(JsonNode results, String measure, String program) {
    for (JsonNode line : results) {
      if (line.get("measure").asString().equals(measure)
          && line.get("program").asString().equals(program)) {
        return line;
      }
    }
    throw new AssertionError("no line for " + measure + " of " + program + " in " + results);
  }

  @Test
  void ratiosAreOfTheFirstRacerToEachOther() throws IOException {
    JsonNode results = race("--depths", "0,4096");
    assertThat(ratio(line(results, "prompt 256", "peer"))).isCloseTo(2, within(1e-9));
    assertThat(ratio(line(results, "generate 8", "peer"))).isCloseTo(3, within(1e-9));
    assertThat(ratio(line(results, "generate 8 at 4096", "peer"))).isCloseTo(4, within(1e-9));
    JsonNode ours = line(results, "generate 8", "tiefsee");
    assertThat(ours.get("share").get("median").asDouble()).isEqualTo(0.9);
    assertThat(ours.has("ratio")).isFalse();
  }

  private static double ratio(JsonNode line) {
    return line.get("ratio").get("median").asDouble();
  }

  @Test
  void roundsAlternateAndArgumentsReachTheirProgram() throws IOException {
    race("--peer-args", "peer=-fa 1 -mla 3", "--tiefsee-args", "--kv q8_0");
    List<String> calls = Files.readAllLines(folder.resolve("calls"));
    List<Boolean> ours = calls.stream().skip(1).map(c -> c.startsWith("bench")).toList();
    assertThat(ours)
        .containsExactly(
            true, false, false, true, true, false, // prompts
            true, false, false, true, true, false); // generation
    assertThat(calls).filteredOn(c -> c.startsWith("bench")).allMatch(c -> c.contains("--kv q8_0"));
    assertThat(calls)
        .filteredOn(c -> c.startsWith("-m"))
        .allMatch(c -> c.contains("-t 2") && c.endsWith("-fa 1 -mla 3"));
  }

  @Test
  void aPeerWhoseBatchesAreWrongDoesNotRaceWithPrompts() throws IOException {
    script(
        "llama-perplexity",
        """
        case "$*" in
          *"-ub 512"*) echo 'Final estimate: PPL over 2 chunks for n_ctx=512 = 163.20 +/- 1.5' ;;
          *) echo 'Final estimate: PPL = 34.10 +/- 0.5' ;;
        esac
        """);
    JsonNode results = race("--perplexity", model.toString());
    assertThat(results)
        .noneMatch(l ->
            l.get("program").asString().equals("peer")
                && l.get("measure").asString().startsWith("prompt"));
    assertThat(ratio(line(results, "generate 8", "peer"))).isCloseTo(3, within(1e-9));
  }

  @Test
  void aRacerThatFailsIsLeftOutAndTheOthersGoOn() throws IOException {
    script("llama-bench", "case $1 in --help) exit 0 ;; esac; echo 'out of luck' >&2; exit 3\n");
    JsonNode results = race();
    assertThat(results).isNotEmpty();
    assertThat(results).allMatch(l -> l.get("program").asString().equals("tiefsee"));
  }

  @Test
  void badInputIsStatusTwo() {
    assertThat(Commands.execute(new SideBySide(), "--rounds", "3")).isEqualTo(2);
    assertThat(
            Commands.execute(
                new SideBySide(), "--model", "missing.gguf", "--launcher", "missing-program"))
        .isEqualTo(2);
  }

  @Test
  void aLowerTimeIsTheBetterOne() {
    assertThat(new Measure.FirstToken().ratio(0.5, 1)).isEqualTo(2);
    assertThat(new Measure.Prompt(1).ratio(0.5, 1)).isEqualTo(0.5);
  }

  @Test
  void theSpreadOfAnEvenNumberHasTheMiddleOfTheMiddleTwo() {
    assertThat(Spread.of(List.of(4.0, 1.0, 3.0, 2.0))).isEqualTo(new Spread(1, 2.5, 4));
  }
}
