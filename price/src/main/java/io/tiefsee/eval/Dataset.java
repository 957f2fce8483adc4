package io.tiefsee.eval;

import io.tiefsee.eval.Rows.Row;
import io.tiefsee.tensor.BadInput;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Public sets of problems, read from files in the formats in which they are published: JSON Lines,
 * CSV or Parquet, told by the ending of the name. Columns are found whatever the case of their
 * names.
 */
public enum Dataset {
  /** Grade-school maths; {@code question}, {@code answer} with the number after {@code ####}. */
  GSM8K,
  /**
   * Competition maths; {@code problem}, {@code answer} (or {@code solution} with a {@code \boxed}
   * answer), perhaps {@code level} and {@code subject}.
   */
  MATH500,
  /** The American Invitational Mathematics Examination; {@code problem} and {@code answer}. */
  AIME,
  /**
   * Questions for graduates; {@code Question}, {@code Correct Answer} and {@code Incorrect Answer
   * 1} to {@code 3}, which are shuffled.
   */
  GPQA,
  /** {@code question}, a list {@code options} and {@code answer_index} or {@code answer}. */
  MMLU_PRO;

  /** R1's own instruction for mathematical questions. */
  private static final String BOXED =
      "Please reason step by step, and put your final answer within \\boxed{}.";

  private static final String BOXED_LETTER =
      "Please reason step by step, and put the letter of your answer within \\boxed{}.";

  private static final Pattern LEVEL = Pattern.compile("(?:Level )?([1-9])");
  private static final int MAX_OPTIONS = 26;
  private static final int ID_BYTES = 6;

  /** The dataset of that name; empty if there is none. */
  static Optional<Dataset> named(String name) {
    return Arrays.stream(values()).filter(d -> d.taskName().equals(name)).findFirst();
  }

  /** The name by which {@link Problems#of} knows it: {@code gsm8k}, {@code mmlu_pro}. */
  public String taskName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The problems of a file, in its order.
   *
   * @param seed of the order of options where they are shuffled
   * @throws BadInput if it cannot be read, with the line where it is wrong
   */
  public List<Problem> read(Path file, long seed) {
    return Rows.read(file).stream().map(row -> problem(row, seed)).toList();
  }

  private Problem problem(Row row, long seed) {
    return switch (this) {
      case GSM8K -> maths(row, row.required("question"), afterMarks(row));
      case MATH500 -> maths(row, row.required("problem", "question"), mathsAnswer(row));
      case AIME -> maths(row, row.required("problem", "question"), row.required("answer"));
      case GPQA -> shuffled(row, seed);
      case MMLU_PRO -> options(row);
    };
  }

  private Problem maths(Row row, String question, String answer) {
    return problem(row, question, question + "\n\n" + BOXED, new Check.Maths(answer));
  }

  private Problem problem(Row row, String question, String wording, Check check) {
    String subject = row.text("subject", "type", "category", "Subdomain").orElse("");
    Content content =
        new Content.Published(
            row.text("unique_id", "id", "question_id", "Record ID").orElse(""), subject);
    return new Problem(
        taskName(), level(row), taskName() + ":" + hash(question), wording, content, check);
  }

  private static int level(Row row) {
    Matcher level = LEVEL.matcher(row.text("level").orElse(""));
    return level.matches() ? Integer.parseInt(level.group(1)) : 1;
  }

  /** So that a problem keeps its id whatever stands before it in the file. */
  private static String hash(String question) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(question.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, ID_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private static String afterMarks(Row row) {
    String answer = row.required("answer");
    int marks = answer.lastIndexOf("####");
    String last = answer.substring(marks < 0 ? 0 : marks + 4).strip();
    if (marks < 0 || last.isEmpty()) {
      throw new BadInput(row.place() + ": its 'answer' has no '#### …' at the end");
    }
    return last;
  }

  private static String mathsAnswer(Row row) {
    Optional<String> answer = row.text("answer");
    if (answer.isPresent()) {
      return answer.get();
    }
    String solution = row.required("answer", "solution");
    return AnswerText.lastBox(solution)
        .orElseThrow(
            () -> new BadInput(row.place() + " has no 'answer', and no \\boxed in its solution"));
  }

  private Problem shuffled(Row row, long seed) {
    String question = row.required("Question");
    String right = row.required("Correct Answer");
    List<String> options = new ArrayList<>(List.of(right));
    for (int i = 1; i <= 3; i++) {
      options.add(row.required("Incorrect Answer " + i));
    }
    new Randomness(Randomness.mix(seed, Split.hash(question))).shuffle(options);
    return choice(row, question, options, options.indexOf(right));
  }

  private Problem options(Row row) {
    List<String> options = new ArrayList<>(row.list("options"));
    // Options that were struck out are kept as these letters in the published file.
    while (options.size() > 2 && options.getLast().equals("N/A")) {
      options.removeLast();
    }
    String answer = row.required("answer_index", "answer");
    boolean letter = answer.length() == 1 && Character.isUpperCase(answer.charAt(0));
    int right = letter ? answer.charAt(0) - 'A' : index(row, answer);
    if (right >= options.size() || options.size() < 2 || options.size() > MAX_OPTIONS) {
      throw new BadInput(
          "%s: the answer %s is none of its %d options"
              .formatted(row.place(), answer, options.size()));
    }
    return choice(row, row.required("question"), options, right);
  }

  private static int index(Row row, String answer) {
    if (!answer.matches("\\d{1,2}")) {
      throw new BadInput(
          "%s: the answer '%s' is neither a letter nor a number".formatted(row.place(), answer));
    }
    return Integer.parseInt(answer);
  }

  private Problem choice(Row row, String question, List<String> options, int right) {
    StringBuilder wording = new StringBuilder(question).append('\n');
    for (int i = 0; i < options.size(); i++) {
      wording.append("\n").append((char) ('A' + i)).append(") ").append(options.get(i));
    }
    wording.append("\n\n").append(BOXED_LETTER);
    return problem(row, question, wording.toString(), new Check.Letter(options, right));
  }
}
