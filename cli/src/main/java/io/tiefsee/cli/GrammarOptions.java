package io.tiefsee.cli;

import io.tiefsee.engine.Engine;
import io.tiefsee.engine.GrammarGuide;
import io.tiefsee.engine.TokenGuide;
import io.tiefsee.grammar.Gbnf;
import io.tiefsee.grammar.Grammar;
import io.tiefsee.grammar.JsonSchema;
import io.tiefsee.grammar.TokenTrie;
import io.tiefsee.tensor.BadInput;
import io.tiefsee.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.Option;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** Options that hold an answer to a grammar, named as llama.cpp names them. */
final class GrammarOptions {
  @Option(
      names = "--grammar",
      paramLabel = "GBNF",
      description = "the answer, after the thoughts, obeys this grammar")
  private Optional<String> grammar = Optional.empty();

  @Option(names = "--grammar-file", paramLabel = "FILE", description = "the grammar, in a file")
  private Optional<Path> grammarFile = Optional.empty();

  @Option(
      names = {"-j", "--json-schema"},
      paramLabel = "JSON",
      description = "the answer is JSON that is valid against this schema; {} for any")
  private Optional<String> schema = Optional.empty();

  @Option(names = "--json-schema-file", paramLabel = "FILE", description = "the schema, in a file")
  private Optional<Path> schemaFile = Optional.empty();

  /**
   * The grammar that was asked for, if one was.
   *
   * @throws BadInput if it is broken, or there are several
   */
  Optional<Grammar> grammar() throws IOException {
    long given =
        Stream.of(grammar, grammarFile, schema, schemaFile).flatMap(Optional::stream).count();
    if (given > 1) {
      throw new BadInput(
          "give one of --grammar, --grammar-file, --json-schema, --json-schema-file");
    }
    if (grammar.isPresent() || grammarFile.isPresent()) {
      return Optional.of(Gbnf.parse(text(grammar, grammarFile)));
    }
    return given == 0 ? Optional.empty() : Optional.of(ofSchema(text(schema, schemaFile)));
  }

  private static String text(Optional<String> given, Optional<Path> file) throws IOException {
    return given.isPresent() ? given.get() : TextInput.ofFile(file.orElseThrow());
  }

  private static Grammar ofSchema(String json) {
    try {
      return JsonSchema.grammar(JsonMapper.shared().readTree(json));
    } catch (JacksonException e) {
      throw new BadInput("the schema is no valid JSON: " + e.getOriginalMessage(), e);
    }
  }

  /**
   * The guide of an answer.
   *
   * @param prompt as text
   */
  static TokenGuide guide(Optional<Grammar> grammar, Engine engine, String prompt) {
    if (grammar.isEmpty()) {
      return TokenGuide.NONE;
    }
    Tokenizer tokenizer =
        engine
            .tokenizer()
            .orElseThrow(() -> new BadInput("a grammar needs a tokenizer, which this model lacks"));
    return new GrammarGuide(grammar.get(), TokenTrie.of(tokenizer), tokenizer, prompt);
  }
}
