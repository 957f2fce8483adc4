package io.tiefsee.cli;

import io.tiefsee.engine.Engine;
import io.tiefsee.tensor.BadInput;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tiefsee logits}: what the model predicts after each token of a text. */
@Command(
    name = "logits",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Prints the most probable next tokens at every position of a text.",
    footer = {"", "Log-probabilities are natural logarithms."})
final class LogitsCommand implements Callable<Integer> {
  private final Streams streams;

  @Parameters(arity = "0..1", paramLabel = "TEXT", description = "the text, used as it is")
  private Optional<String> text = Optional.empty();

  @Mixin private ModelOptions modelOptions = new ModelOptions();

  @Option(
      names = "--tokens",
      paramLabel = "IDS",
      converter = TokenList.Converter.class,
      description = "token ids, 1,2,3, instead of TEXT")
  private Optional<TokenList> tokens = Optional.empty();

  @Option(
      names = "--top",
      paramLabel = "K",
      description = "tokens to list at each position (default: ${DEFAULT-VALUE})")
  private int top = 10;

  @Option(names = "--full", description = "with --json: all logits of the last position too")
  private boolean full;

  @Option(names = "--json", description = "print JSON")
  private boolean json;

  LogitsCommand(Streams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() {
    if (top < 0) {
      throw new BadInput("--top is " + top + ", but must be 0 or more");
    }
    if (tokens.isEmpty() && text.isEmpty()) {
      throw new BadInput("give either a TEXT or --tokens 1,2,3");
    }
    try (Engine engine = modelOptions.open(streams)) {
      int[] ids =
          tokens.isPresent() ? tokens.get().ids() : PromptOptions.raw(engine, text.get()).tokens();
      List<LogitRow> rows = new ArrayList<>();
      float[][] last = {{}};
      engine.logits(
          ids,
          engine.options().maxBatchTokens(),
          (position, logits, row) -> {
            LogitRow values = LogitRow.of(logits, row, top);
            rows.add(values);
            if (full && position == ids.length - 1) {
              last[0] = LogitRow.copy(logits, row);
            }
          });
      streams.out().println(json ? Json.write(asJson(rows, last[0])) : asText(engine, rows));
    }
    return 0;
  }

  private Map<String, Object> asJson(List<LogitRow> rows, float[] last) {
    List<Object> positions = new ArrayList<>();
    for (LogitRow r : rows) {
      List<Object> list = new ArrayList<>();
      for (int i = 0; i < r.top().length; i++) {
        list.add(Json.object("id", r.top()[i], "logprob", r.logProbs()[i]));
      }
      positions.add(Json.object("position", positions.size(), "argmax", r.argmax(), "top", list));
    }
    Map<String, Object> result = Json.object("positions", positions);
    if (full) {
      result.put("logits", last);
    }
    return result;
  }

  private static String asText(Engine engine, List<LogitRow> rows) {
    StringBuilder out = new StringBuilder();
    for (int p = 0; p < rows.size(); p++) {
      LogitRow r = rows.get(p);
      out.append(p == 0 ? "" : "\n").append("%5d".formatted(p));
      for (int i = 0; i < r.top().length; i++) {
        int id = r.top()[i];
        out.append("  ").append(id);
        engine
            .tokenizer()
            .ifPresent(t -> out.append(' ').append(TokenizeCommand.quoted(t.decode(id))));
        out.append(' ').append(r.logProbs()[i]);
      }
    }
    return out.toString();
  }
}
