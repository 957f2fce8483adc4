package io.tiefsee.text;

import io.tiefsee.text.JinjaNode.Signature;
import io.tiefsee.text.JinjaNode.Stmt;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A macro, or the body of a {@code call} block, with the scope it was written in. */
final class JinjaMacro implements Py.Callable {
  private final Signature signature;
  private final List<Stmt> body;
  private final JinjaScope around;
  private final JinjaRuntime runtime;

  JinjaMacro(Signature signature, List<Stmt> body, JinjaScope around, JinjaRuntime runtime) {
    this.signature = signature;
    this.body = body;
    this.around = around;
    this.runtime = runtime;
  }

  @Override
  public Object call(PyArgs args) {
    JinjaScope scope = around.inner();
    List<Object> given = args.positional();
    Map<String, Object> named = new LinkedHashMap<>(args.named());
    List<String> parameters = signature.parameters();
    int firstDefault = parameters.size() - signature.defaults().size();
    for (int i = 0; i < parameters.size(); i++) {
      String name = parameters.get(i);
      Object value = i < given.size() ? given.get(i) : named.remove(name);
      if (value == null) {
        value =
            i >= firstDefault
                ? runtime.evaluate(signature.defaults().get(i - firstDefault), scope)
                : new Py.Undefined("parameter '" + name + "' was not provided");
      }
      scope.set(name, value);
    }
    if (signature.uses().contains("caller") && !parameters.contains("caller")) {
      Object caller = named.remove("caller");
      boolean none = caller == null || caller == Py.NONE;
      scope.set("caller", none ? new Py.Undefined("No caller defined") : caller);
    }
    if (signature.uses().contains("kwargs") && !parameters.contains("kwargs")) {
      scope.set("kwargs", new LinkedHashMap<Object, Object>(named));
    } else if (!named.isEmpty()) {
      throw new JinjaException(
          "macro '%s' takes no keyword argument '%s'"
              .formatted(signature.name(), named.keySet().iterator().next()));
    }
    if (signature.uses().contains("varargs") && !parameters.contains("varargs")) {
      int from = Math.min(parameters.size(), given.size());
      scope.set("varargs", Py.Tuple.of(given.subList(from, given.size())));
    } else if (given.size() > parameters.size()) {
      throw new JinjaException(
          "macro '%s' takes not more than %d argument(s)"
              .formatted(signature.name(), parameters.size()));
    }
    return runtime.render(body, scope);
  }

  Optional<Object> attribute(String name) {
    return switch (name) {
      case "name" -> Optional.of(signature.name());
      case "arguments" -> Optional.of(Py.Tuple.of(signature.parameters()));
      case "catch_kwargs" -> Optional.of(signature.uses().contains("kwargs"));
      case "catch_varargs" -> Optional.of(signature.uses().contains("varargs"));
      case "caller" -> Optional.of(signature.uses().contains("caller"));
      default -> Optional.empty();
    };
  }

  @Override
  public String toString() {
    return "<Macro " + PyStr.repr(signature.name()) + ">";
  }
}
