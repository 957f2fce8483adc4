package io.tiefsee.recipe;

import io.tiefsee.engine.Engine;
import io.tiefsee.eval.Problem;
import io.tiefsee.eval.Verdict;
import io.tiefsee.eval.Verifier;
import io.tiefsee.text.ChatTemplate;
import io.tiefsee.text.Tokenizer;
import java.util.List;

/** A problem of a task as a question to a model: by its template, marked by the verifier. */
public final class TaskQuestion implements Question {
  static final String OPEN = "<think>";
  private static final String CLOSE = "</think>";

  private final Problem problem;
  private final Tokenizer tokenizer;
  private final boolean thinks;
  private final int[] prompt;

  public TaskQuestion(Problem problem, Tokenizer tokenizer, ChatTemplate template) {
    this.problem = problem;
    this.tokenizer = tokenizer;
    String text =
        template.render(
            ChatTemplate.Request.of(List.of(new ChatTemplate.Message("user", problem.question()))));
    this.thinks = opens(text);
    this.prompt = Engine.tokens(tokenizer, text);
  }

  /** Whether a rendered prompt has opened the thoughts, so that an answer begins within them. */
  static boolean opens(String prompt) {
    return prompt.stripTrailing().endsWith(OPEN);
  }

  public Problem problem() {
    return problem;
  }

  @Override
  public String id() {
    return problem.id();
  }

  @Override
  public String text() {
    return problem.question();
  }

  @Override
  public int[] prompt() {
    return prompt.clone();
  }

  /** Right is what the verifier accepts after thoughts that ended; form counts by itself. */
  @Override
  public Marks mark(int[] tokens) {
    String text = tokenizer.decode(tokens);
    int close = text.indexOf(CLOSE);
    boolean opened = thinks || text.startsWith(OPEN);
    if (close < 0 || !opened) {
      return new Marks(false, false, "", text, "");
    }
    String thinking = text.substring(0, close);
    if (!thinks) {
      // Its line break belongs to the mark, as where a template writes both.
      thinking = thinking.substring(OPEN.length()).replaceFirst("^\\n", "");
    }
    String answer = text.substring(close + CLOSE.length()).strip();
    Verdict verdict = Verifier.verify(problem, answer);
    return new Marks(
        verdict.strictlyCorrect(), verdict.wellFormed(), verdict.extracted(), thinking, answer);
  }
}
