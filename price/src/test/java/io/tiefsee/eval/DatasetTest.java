package io.tiefsee.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tiefsee.tensor.BadInput;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DatasetTest {
  @TempDir Path folder;

  private Path file(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  /** A file of the tests' resources, which were written by another implementation of Parquet. */
  private Path resource(String name) throws IOException {
    try (InputStream in = DatasetTest.class.getResourceAsStream(name)) {
      Path file = folder.resolve(name);
      Files.write(file, in.readAllBytes());
      return file;
    }
  }

  private static boolean isRight(Problem problem, String answer) {
    return Verifier.verify(problem, answer).correct();
  }

  @Test
  void gradeSchoolMathsHasItsAnswerAfterTheMarks() throws IOException {
    Path file =
        file(
            "test.jsonl",
            """
            {"question": "Anna has 3 apples and buys 4. How many?", "answer": "3+4=7\\n#### 7"}

            {"question": "How many dollars?", "answer": "so\\n#### 1,250"}
            """);
    List<Problem> problems = Problems.of(List.of("gsm8k:" + file), Problems.ALL, 1);
    assertThat(problems).hasSize(2);
    assertThat(problems.getFirst().question())
        .startsWith("Anna has 3 apples")
        .endsWith("put your final answer within \\boxed{}.");
    assertThat(problems.getFirst().id()).matches("gsm8k:[0-9a-f]{12}");
    assertThat(isRight(problems.getFirst(), "She has \\boxed{7}")).isTrue();
    assertThat(isRight(problems.getLast(), "They cost $1250.00 in all.")).isTrue();
    assertThat(isRight(problems.getLast(), "They cost $1,251 in all.")).isFalse();
  }

  @Test
  void competitionMathsHasLevelsAndSubjects() throws IOException {
    Path file =
        file(
            "math.jsonl",
            """
            {"problem": "Polar?", "solution": "…", "answer": "\\\\left(3, \\\\frac{\\\\pi}{2}\\\\right)", \
            "subject": "Precalculus", "level": 2, "unique_id": "test/precalculus/807.json"}
            {"problem": "Old form", "level": "Level 5", "type": "Algebra", "solution": "So $\\\\boxed{2\\\\sqrt{2}}$."}
            """);
    List<Problem> problems = Dataset.MATH500.read(file, 1);
    assertThat(problems.stream().map(Problem::level)).containsExactly(2, 5);
    assertThat(problems.getFirst().content())
        .isEqualTo(new Content.Published("test/precalculus/807.json", "Precalculus"));
    assertThat(isRight(problems.getFirst(), "\\boxed{(3, \\pi/2)}")).isTrue();
    assertThat(isRight(problems.getLast(), "The answer is $\\sqrt8$.")).isTrue();
  }

  @Test
  void examsComeAsJsonLinesOrCsv() throws IOException {
    Path lines = file("aime.jsonl", "{\"id\": 60, \"problem\": \"P?\", \"answer\": \"033\"}");
    Path table =
        file(
            "aime.csv",
            "ID,Year,Problem Number,Question,Answer,Part\r\n"
                + "2024-I-1,2024,1,\"Let \"\"a\"\", b\nbe.\",33,I\r\n");
    Problem line = Dataset.AIME.read(lines, 1).getFirst();
    Problem row = Dataset.AIME.read(table, 1).getFirst();
    assertThat(isRight(line, "\\boxed{33}")).isTrue();
    assertThat(isRight(line, "**33**")).isTrue();
    assertThat(isRight(row, "\\boxed{033}")).isTrue();
    assertThat(row.question()).startsWith("Let \"a\", b\nbe.\n\n");
    assertThat(row.content()).isEqualTo(new Content.Published("2024-I-1", ""));
  }

  /** The first rows of these kinds in the published files, to the byte. */
  @Test
  void publishedFilesAreReadAsTheyAre() throws IOException {
    List<Problem> school = Dataset.GSM8K.read(resource("gsm8k.test.jsonl"), 1);
    assertThat(school.stream().map(ReferenceAnswer::of)).containsExactly("3", "540");
    List<Problem> competition = Dataset.MATH500.read(resource("math500.test.jsonl"), 1);
    assertThat(competition.stream().map(ReferenceAnswer::of))
        .containsExactly("6+9i", "-\\frac{\\pi}{6}", "(5,\\infty)", "\\$36");
    List<String> others = List.of("9i + 6", "-\\pi/6", "x > 5", "36 dollars");
    for (int i = 0; i < competition.size(); i++) {
      Problem problem = competition.get(i);
      assertThat(problem.content()).isInstanceOf(Content.Published.class);
      for (int j = 0; j < others.size(); j++) {
        assertThat(isRight(problem, "So it is $\\boxed{" + others.get(j) + "}$."))
            .as("%s as %s", others.get(j), ReferenceAnswer.of(problem))
            .isEqualTo(i == j);
      }
    }
  }

  /**
   * The published table has former wordings before the final ones, and options that are letters.
   */
  @Test
  void optionsThatAreLettersAreNamedByTheirOwnLetter() throws IOException {
    Path file =
        file(
            "gpqa.csv",
            "Pre-Revision Question,Pre-Revision Correct Answer,Question,Correct Answer,"
                + "Incorrect Answer 1,Incorrect Answer 2,Incorrect Answer 3,Subdomain,Record ID\r\n"
                + "\"old,\nwording\",x,Which point?,c,a,b,d,Physics,rec1\r\n"
                + "old,x,Which field?,$q/L^2$,$q/l^2$,none,all,Physics,rec2\r\n");
    for (long seed = 1; seed <= 8; seed++) {
      List<Problem> problems = Dataset.GPQA.read(file, seed);
      Problem points = problems.getFirst();
      assertThat(points.question()).startsWith("Which point?");
      for (String letter : List.of("A", "B", "C", "D")) {
        assertThat(isRight(points, "\\boxed{" + letter + "}"))
            .isEqualTo(letter.equals(ReferenceAnswer.of(points)));
      }
      assertThat(isRight(problems.getLast(), "\\boxed{q/L^2}")).isTrue();
      assertThat(isRight(problems.getLast(), "\\boxed{q/l^2}")).isFalse();
      assertThat(isRight(problems.getLast(), "\\boxed{Q/L^2}")).isFalse();
    }
  }

  @Test
  void optionsAreShuffledByTheSeedAndTheIdStays() throws IOException {
    StringBuilder text =
        new StringBuilder(
            "Question,Correct Answer,Incorrect Answer 1,Incorrect Answer 2,Incorrect Answer 3\n");
    for (int i = 0; i < 40; i++) {
      text.append("Question %d?,right,wrong one,wrong two,\"wrong, too\"\n".formatted(i));
    }
    Path file = file("gpqa_diamond.csv", text.toString());
    List<Problem> problems = Dataset.GPQA.read(file, 1);
    assertThat(Dataset.GPQA.read(file, 1)).isEqualTo(problems);
    List<Problem> others = Dataset.GPQA.read(file, 2);
    assertThat(others).isNotEqualTo(problems);
    assertThat(others.stream().map(Problem::id))
        .isEqualTo(problems.stream().map(Problem::id).toList());
    assertThat(problems.stream().map(ReferenceAnswer::of).distinct())
        .containsExactlyInAnyOrder("A", "B", "C", "D");
    for (Problem p : problems) {
      String letter = ReferenceAnswer.of(p);
      assertThat(p.question()).contains("\n" + letter + ") right");
      for (String right :
          List.of(
              "\\boxed{" + letter + "}",
              "\\boxed{\\text{(" + letter + ")}}",
              "The correct answer is (" + letter + ").",
              "I think so.\nAnswer: **" + letter + "**",
              "Answer: " + letter + ") right",
              "**Option " + letter + "**",
              "right")) {
        assertThat(isRight(p, right)).as(right).isTrue();
      }
      String other = letter.equals("A") ? "B" : "A";
      for (String wrong :
          List.of(
              "\\boxed{" + other + "}",
              "\\boxed{" + letter + other + "}",
              "Answer: " + letter + " or " + other,
              "Answer: " + letter + ") wrong one",
              "Answer: " + other + ") right",
              "Not " + letter,
              "wrong one",
              "\\boxed{E}",
              "")) {
        assertThat(isRight(p, wrong)).as(wrong).isFalse();
      }
    }
  }

  @Test
  void parquetIsRead() throws IOException {
    List<Problem> problems = Dataset.MMLU_PRO.read(resource("mmlu_pro.parquet"), 1);
    assertThat(problems.stream().map(ReferenceAnswer::of)).containsExactly("C", "B");
    assertThat(problems.getFirst().question())
        .startsWith("Which is a prime?\n\nA) 4\nB) 6\nC) 7\nD) 9\n");
    assertThat(problems.getLast().question()).contains("B) 2").doesNotContain("N/A");
    assertThat(problems.getLast().content()).isEqualTo(new Content.Published("71", "math"));
    List<Problem> sums = Dataset.GSM8K.read(resource("gsm8k.parquet"), 1);
    assertThat(isRight(sums.getLast(), "\\boxed{\\frac{7}{2}}")).isTrue();
  }

  @Test
  void damagedParquetEndsInOneLine() throws IOException {
    byte[] good = Files.readAllBytes(resource("mmlu_pro.parquet"));
    SplittableRandom random = new SplittableRandom(3);
    Path file = folder.resolve("bad.parquet");
    int refused = 0;
    for (int i = 0; i < 60; i++) {
      byte[] bad = good.clone();
      if (i < 20) {
        bad = java.util.Arrays.copyOf(bad, random.nextInt(bad.length));
      } else {
        for (int n = 0; n < 20; n++) {
          bad[random.nextInt(bad.length)] = (byte) random.nextInt();
        }
      }
      Files.write(file, bad);
      try {
        ParquetRows.read(file, Duration.ofSeconds(10));
      } catch (BadInput e) {
        assertThat(e.getMessage()).startsWith(file.toString()).doesNotContain("\n");
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(40);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      value = {
        "gsm8k    | a.jsonl | {\"question\": \"q\"}            | :1 has no 'answer'",
        "gsm8k    | a.jsonl | {\"question\": \"q\", \"answer\": \"7\"} | :1: its 'answer' has no '#### …' at the end",
        "gsm8k    | a.jsonl | {}~{}                            | :1 has no 'question'",
        "math500  | a.jsonl | ~{\"problem\"                    | :2 is no JSON object",
        "math500  | a.jsonl | [1]                              | :1 is no JSON object",
        "math500  | a.jsonl | {\"problem\": \"p\", \"solution\": \"s\"} | :1 has no 'answer', and no \\boxed",
        "aime     | a.csv   | Question,Answer~a,1~b            | :3 has 1 fields, but the header has 2",
        "aime     | a.csv   | Question,Answer~\"a,1            | :2: the quote is never closed",
        "aime     | a.csv   | Question,Answer                  | ' holds no rows'",
        "aime     | a.txt   | x                                | ' is of no known kind'",
        "gpqa     | a.csv   | Question,Correct Answer~q,a      | :2 has no 'Incorrect Answer 1'",
        "mmlu_pro | a.jsonl | {\"question\": \"q\", \"options\": [\"a\", \"b\"], \"answer\": \"C\"} | :1: the answer C is none of its 2 options",
        "mmlu_pro | a.jsonl | {\"question\": \"q\", \"options\": \"x\", \"answer\": \"C\"} | :1: 'options' is no list",
        "mmlu_pro | a.jsonl | {\"question\": \"q\", \"options\": [\"a\", \"b\"], \"answer\": \"b?\"} | :1: the answer 'b?' is neither",
      })
  void aBadLineIsNamed(String dataset, String name, String text, String message)
      throws IOException {
    Path file = file(name, text.replace('~', '\n'));
    assertThatThrownBy(() -> Problems.of(List.of(dataset + ":" + file), 5, 1))
        .isInstanceOf(BadInput.class)
        .hasMessageStartingWith(file + message.replaceFirst("^' (.*)'$", " $1"))
        .hasMessageNotContaining("\n");
  }

  @Test
  void aFileThatIsNotThereIsNamed() {
    Path file = folder.resolve("none.parquet");
    assertThatThrownBy(() -> Dataset.MMLU_PRO.read(file, 1))
        .isInstanceOf(BadInput.class)
        .hasMessageStartingWith(file + " cannot be read");
    assertThatThrownBy(() -> Dataset.GSM8K.read(folder.resolve("none.jsonl"), 1))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("there is no such file");
  }

  @Test
  void aPartIsChosenByTheSeedInTheFilesOrder() throws IOException {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 50; i++) {
      text.append("{\"problem\": \"p%d\", \"answer\": \"%d\"}\n".formatted(i, i));
    }
    List<String> spec = List.of("aime:" + file("a.jsonl", text.toString()));
    List<Problem> all = Problems.of(spec, Problems.ALL, 1);
    List<Problem> some = Problems.of(spec, 10, 1);
    assertThat(all).hasSize(50);
    assertThat(some).hasSize(10).isEqualTo(all.stream().filter(some::contains).toList());
    assertThat(some).isNotEqualTo(all.subList(0, 10)).isEqualTo(Problems.of(spec, 10, 1));
    assertThat(Problems.of(spec, 10, 2)).isNotEqualTo(some);
  }
}
