package io.tiefsee.text;

import java.util.HashMap;
import java.util.Map;

/** The names of one block, and the scope around it. */
final class JinjaScope {
  private final JinjaScope parent;
  private Map<String, Object> names = Map.of();

  /** The outermost scope. */
  JinjaScope(Map<String, Object> names) {
    this.parent = this;
    this.names = names;
  }

  private JinjaScope(JinjaScope parent) {
    this.parent = parent;
  }

  JinjaScope inner() {
    return new JinjaScope(this);
  }

  JinjaScope root() {
    JinjaScope scope = this;
    while (scope.parent != scope) {
      scope = scope.parent;
    }
    return scope;
  }

  void set(String name, Object value) {
    if (names.isEmpty()) {
      names = new HashMap<>();
    }
    names.put(name, value);
  }

  /** The value of the nearest such name; an undefined value where there is none. */
  Object get(String name) {
    JinjaScope scope = this;
    while (true) {
      Object value = scope.names.get(name);
      if (value != null) {
        return value;
      }
      if (scope.parent == scope) {
        return new Py.Undefined("'" + name + "' is undefined");
      }
      scope = scope.parent;
    }
  }
}
