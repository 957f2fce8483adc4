package io.tiefsee.server;

import io.tiefsee.grammar.Expr;
import io.tiefsee.grammar.Grammar;
import io.tiefsee.grammar.JsonSchema;
import io.tiefsee.server.ToolUse.Tool;
import io.tiefsee.tensor.BadInput;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Grammars of calls: nothing but known functions with arguments that obey their schemas. */
final class ToolGrammar {
  private static final String ROOT = "root";

  private final ToolFormat format;
  private final ToolUse use;
  private final Map<String, Expr> rules = new HashMap<>();

  private ToolGrammar(ToolFormat format, ToolUse use) {
    this.format = format;
    this.use = use;
  }

  /**
   * Behind which text {@link #afterTrigger} begins; empty where calls have no beginning of their
   * own.
   */
  static Optional<String> trigger(ToolFormat format) {
    return switch (format) {
      case DEEPSEEK, DEEPSEEK_V31 -> Optional.of("<｜tool▁calls▁begin｜>");
      case HERMES -> Optional.of("<tool_call>");
      case LLAMA -> Optional.empty();
    };
  }

  /** Calls, from behind the trigger to the end of the answer. */
  static Grammar afterTrigger(ToolFormat format, ToolUse use) {
    ToolGrammar g = new ToolGrammar(format, use);
    return g.grammar(g.afterTrigger());
  }

  /** Calls, or an answer that obeys another grammar. */
  static Grammar whole(ToolFormat format, ToolUse use, Optional<Grammar> otherwise) {
    ToolGrammar g = new ToolGrammar(format, use);
    Expr calls = g.afterTrigger();
    Optional<String> trigger = trigger(format);
    if (trigger.isPresent()) {
      calls = Expr.seq(Expr.text(trigger.get()), calls);
    }
    return g.grammar(otherwise.isPresent() ? Expr.alt(calls, g.include(otherwise.get())) : calls);
  }

  private Grammar grammar(Expr root) {
    rules.put(ROOT, root);
    return Grammar.of(ROOT, rules);
  }

  private Expr afterTrigger() {
    List<Expr> each = use.tools().stream().map(this::call).toList();
    Expr call = new Expr.Alt(each);
    rules.put("call", call);
    Expr one = new Expr.Ref("call");
    return switch (format) {
      case DEEPSEEK, DEEPSEEK_V31 ->
          Expr.seq(
              one,
              more(format == ToolFormat.DEEPSEEK ? "\n" : "", one),
              Expr.text("<｜tool▁calls▁end｜>"));
      case HERMES -> Expr.seq(one, more("\n<tool_call>", one));
      case LLAMA -> Expr.seq(one, more("; ", one));
    };
  }

  private Expr more(String between, Expr call) {
    return use.parallel()
        ? Expr.repeat(Expr.seq(Expr.text(between), call), 0, Expr.UNBOUNDED)
        : Expr.EMPTY;
  }

  private Expr call(Tool tool) {
    Expr arguments = include(arguments(tool));
    return switch (format) {
      case DEEPSEEK ->
          Expr.seq(
              Expr.text("<｜tool▁call▁begin｜>function<｜tool▁sep｜>" + tool.name() + "\n```json\n"),
              arguments,
              Expr.text("\n```<｜tool▁call▁end｜>"));
      case DEEPSEEK_V31 ->
          Expr.seq(
              Expr.text("<｜tool▁call▁begin｜>" + tool.name() + "<｜tool▁sep｜>"),
              arguments,
              Expr.text("<｜tool▁call▁end｜>"));
      case HERMES ->
          Expr.seq(
              Expr.text("\n{\"name\": \"" + tool.name() + "\", \"arguments\": "),
              arguments,
              Expr.text("}\n</tool_call>"));
      case LLAMA ->
          Expr.seq(
              Expr.text("{\"name\": \"" + tool.name() + "\", \"parameters\": "),
              arguments,
              Expr.text("}"));
    };
  }

  /** The grammar of a schema; any object where no grammar can keep it and it need not be kept. */
  private static Grammar arguments(Tool tool) {
    if (tool.parameters().isEmpty()) {
      return schema("{\"type\":\"object\",\"properties\":{},\"additionalProperties\":false}");
    }
    try {
      return JsonSchema.grammar(tool.parameters().get());
    } catch (BadInput e) {
      if (tool.strict()) {
        throw new BadInput("the schema of the tool " + tool.name() + ": " + e.getMessage(), e);
      }
      return schema("{\"type\":\"object\"}");
    }
  }

  private static Grammar schema(String json) {
    JsonNode node = JsonMapper.shared().readTree(json);
    return JsonSchema.grammar(node);
  }

  /** Takes over the rules of another grammar under new names; gives its root. */
  private Expr include(Grammar other) {
    String prefix = "g" + rules.size() + "-";
    other.rules().forEach((name, expr) -> rules.put(prefix + name, renamed(expr, prefix)));
    return new Expr.Ref(prefix + other.root());
  }

  private static Expr renamed(Expr e, String prefix) {
    return switch (e) {
      case Expr.Ref r -> new Expr.Ref(prefix + r.rule());
      case Expr.Seq s -> new Expr.Seq(s.parts().stream().map(p -> renamed(p, prefix)).toList());
      case Expr.Alt a -> new Expr.Alt(a.options().stream().map(o -> renamed(o, prefix)).toList());
      case Expr.Repeat r -> new Expr.Repeat(renamed(r.body(), prefix), r.min(), r.max());
      case Expr.Chars c -> c;
      case Expr.Text t -> t;
    };
  }
}
