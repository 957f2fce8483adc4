package io.tiefsee.cli;

import io.tiefsee.engine.ModelFolder;
import io.tiefsee.format.Weights;
import io.tiefsee.tensor.BadInput;
import io.tiefsee.text.Tokenizer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code tiefsee tokenize}: text to token ids and back. */
@Command(
    name = "tokenize",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Turns text into token ids, or token ids into text.",
    footer = {"", "Without TEXT, or if it is -, the text is read from the standard input."})
final class TokenizeCommand implements Callable<Integer> {
  private final Streams streams;

  @Parameters(arity = "0..1", paramLabel = "TEXT", description = "the text")
  private Optional<String> text = Optional.empty();

  @Mixin private ModelOptions.Reference model = new ModelOptions.Reference();

  @Option(
      names = "--special",
      description = "special tokens that the text spells out, such as <|im_end|>, become tokens")
  private boolean special;

  @Option(names = "--no-bos", description = "no begin-of-sequence token in front")
  private boolean noBos;

  @Option(
      names = "--detokenize",
      paramLabel = "IDS",
      converter = TokenList.Converter.class,
      description = "token ids, 1,2,3, to turn into text")
  private Optional<TokenList> detokenize = Optional.empty();

  @Option(
      names = "--batch",
      description = "read a JSON array of texts from the standard input, print an array of results")
  private boolean batch;

  @Option(names = "--json", description = "print JSON")
  private boolean json;

  TokenizeCommand(Streams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() throws IOException {
    Tokenizer tokenizer;
    try (Weights files = model.open()) {
      tokenizer =
          ModelFolder.of(files)
              .tokenizer()
              .orElseThrow(() -> new BadInput(files.path() + " has no tokenizer"));
    }
    if (detokenize.isPresent()) {
      int[] ids = detokenize.get().ids();
      streams.out().println(json ? Json.write(result(tokenizer, ids)) : tokenizer.decode(ids));
    } else if (batch) {
      streams.out().println(Json.write(batch(tokenizer)));
    } else {
      String input = text.filter(t -> !t.equals("-")).isPresent() ? text.get() : typed();
      int[] ids = encode(tokenizer, input);
      streams.out().println(json ? Json.write(result(tokenizer, ids)) : table(tokenizer, ids));
    }
    return 0;
  }

  private String typed() throws IOException {
    if (text.isEmpty() && streams.inTerminal()) {
      throw new BadInput("no text is given; tiefsee tokenize --model FILE \"some text\"");
    }
    return streams.readAll();
  }

  private int[] encode(Tokenizer tokenizer, String input) {
    return tokenizer.encode(
        input, new Tokenizer.EncodeOptions(special, !noBos && tokenizer.addBos()));
  }

  private static Map<String, Object> result(Tokenizer tokenizer, int[] ids) {
    return Json.object("tokens", ids, "text", tokenizer.decode(ids));
  }

  private List<Map<String, Object>> batch(Tokenizer tokenizer) throws IOException {
    List<Map<String, Object>> results = new ArrayList<>();
    for (JsonNode node : Json.readArray("the standard input", streams.readAll())) {
      if (!node.isString()) {
        throw new BadInput("the standard input has an element that is no JSON string");
      }
      results.add(result(tokenizer, encode(tokenizer, node.stringValue())));
    }
    return results;
  }

  /** A line per token: its id and what it stands for. */
  private static String table(Tokenizer tokenizer, int[] ids) {
    return Arrays.stream(ids)
        .mapToObj(id -> "%7d  %s".formatted(id, quoted(tokenizer.decode(id))))
        .collect(Collectors.joining("\n"));
  }

  static String quoted(String s) {
    return "'"
        + s.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
        + "'";
  }
}
