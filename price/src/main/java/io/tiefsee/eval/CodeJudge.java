package io.tiefsee.eval;

import io.tiefsee.sandbox.Outcome;
import io.tiefsee.sandbox.Outcome.Result;
import io.tiefsee.sandbox.Program;
import io.tiefsee.sandbox.Sandbox;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * Judges code by running it in the {@linkplain Sandbox#shared shared sandbox}. An answer is
 * well-formed if it holds one closed code block; else the last block that names the function is
 * taken, or the whole text if it has no blocks but defines the function.
 */
final class CodeJudge {
  private static final int MAX_LENGTH = 40_000;

  /** A block between lines of three back quotes. */
  private static final Pattern BLOCK =
      Pattern.compile(
          "^[ \\t]*```[^`\\n]*\\n(.*?)^[ \\t]*```[ \\t]*$", Pattern.DOTALL | Pattern.MULTILINE);

  private static final ObjectMapper JSON = new ObjectMapper();

  private CodeJudge() {}

  static Verdict judge(Check.Code check, String answer) {
    String text = answer.replace("\r\n", "\n");
    if (text.length() > MAX_LENGTH) {
      return new Verdict(false, false, "", "the answer is too long");
    }
    List<String> blocks = new ArrayList<>();
    Matcher block = BLOCK.matcher(text);
    while (block.find()) {
      blocks.add(block.group(1).strip());
    }
    Optional<String> code =
        blocks.reversed().stream()
            .filter(b -> b.contains(check.function()))
            .findFirst()
            .or(() -> bare(check, text, blocks));
    if (code.isEmpty()) {
      return new Verdict(false, false, "", "there is no code for " + check.function());
    }
    Optional<String> fault = fault(check, code.get());
    return new Verdict(
        fault.isEmpty(), blocks.size() == 1, code.get(), fault.orElse("right: all tests pass"));
  }

  private static Optional<String> bare(Check.Code check, String text, List<String> blocks) {
    Pattern definition =
        Pattern.compile(
            "\\bfunction\\s+%1$s\\s*\\(|\\b(?:const|let|var)\\s+%1$s\\s*="
                .formatted(Pattern.quote(check.function())));
    return blocks.isEmpty() && !text.contains("```") && definition.matcher(text).find()
        ? Optional.of(text.strip())
        : Optional.empty();
  }

  /** What is wrong with the code; empty if all tests pass. */
  private static Optional<String> fault(Check.Code check, String code) {
    List<String> calls = check.cases().stream().map(Check.Case::arguments).toList();
    return switch (Sandbox.shared().run(new Program(code, check.function(), calls))) {
      case Outcome.Refused(String why) -> Optional.of(why);
      case Outcome.Stopped(String why) -> Optional.of(why);
      case Outcome.Ran(List<Result> results) -> {
        for (int i = 0; i < results.size(); i++) {
          Optional<String> fault = fault(check, check.cases().get(i), results.get(i));
          if (fault.isPresent()) {
            yield fault;
          }
        }
        yield Optional.empty();
      }
    };
  }

  private static Optional<String> fault(Check.Code check, Check.Case test, Result result) {
    String call = "%s(%s)".formatted(check.function(), inner(test.arguments()));
    return switch (result) {
      case Result.Failed(String why) -> Optional.of(Readers.quote(call) + ": " + why);
      case Result.Value(String json) ->
          isSame(json, test.expected())
              ? Optional.empty()
              : Optional.of(
                  "%s gives %s, not %s"
                      .formatted(
                          Readers.quote(call),
                          Readers.quote(json),
                          Readers.quote(test.expected())));
    };
  }

  private static String inner(String array) {
    return array.substring(1, array.length() - 1);
  }

  private static boolean isSame(String json, String expected) {
    try {
      return isSame(JSON.readTree(json), JSON.readTree(expected));
    } catch (JacksonException e) {
      return false;
    }
  }

  private static boolean isSame(JsonNode a, JsonNode b) {
    if (a.isNumber() && b.isNumber()) {
      return a.decimalValue().compareTo(b.decimalValue()) == 0;
    }
    if (!a.isArray() || !b.isArray() || a.size() != b.size()) {
      return a.equals(b);
    }
    for (int i = 0; i < a.size(); i++) {
      if (!isSame(a.get(i), b.get(i))) {
        return false;
      }
    }
    return true;
  }
}
