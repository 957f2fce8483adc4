package io.tiefsee.server;

import io.tiefsee.server.ApiException.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The fields of a JSON object of a request. A field that is missing or null is absent; one that
 * nobody asks for is ignored. A wrong type is an error 422, an impossible value an error 400; both
 * name the field.
 */
public final class Fields {
  private final JsonNode node;
  private final String path;

  private Fields(JsonNode node, String path) {
    this.node = node;
    this.path = path;
  }

  /**
   * The body of a request.
   *
   * @throws ApiException if it is no JSON object
   */
  public static Fields parse(byte[] body) {
    JsonNode node;
    try {
      node = JsonMapper.shared().readTree(body);
    } catch (JacksonException e) {
      throw new ApiException(
          Kind.INVALID, "the body is no valid JSON: " + firstLine(e.getOriginalMessage()));
    }
    if (!node.isObject()) {
      throw new ApiException(Kind.INVALID, "the body must be a JSON object");
    }
    return new Fields(node, "");
  }

  private static String firstLine(String text) {
    return String.valueOf(text).lines().findFirst().orElse("");
  }

  private String path(String name) {
    return path.isEmpty() ? name : path + "." + name;
  }

  /** An error 400 of a field's value. */
  public ApiException invalid(String name, String wanted) {
    return ApiException.field(Kind.INVALID, path(name), wanted);
  }

  /** An error 422 of a field's type. */
  public ApiException wrongType(String name, String wanted) {
    return ApiException.field(Kind.WRONG_TYPE, path(name), wanted);
  }

  /** The object itself. */
  public JsonNode node() {
    return node;
  }

  /** The names of all fields, null ones too. */
  public Iterable<String> names() {
    return node.propertyNames();
  }

  /** Any value but null. */
  public Optional<JsonNode> value(String name) {
    JsonNode value = node.path(name);
    return value.isMissingNode() || value.isNull() ? Optional.empty() : Optional.of(value);
  }

  public boolean has(String name) {
    return value(name).isPresent();
  }

  public Optional<String> string(String name) {
    Optional<JsonNode> value = value(name);
    if (value.isPresent() && !value.get().isString()) {
      throw wrongType(name, "must be a string");
    }
    return value.map(JsonNode::stringValue);
  }

  public String requiredString(String name) {
    return string(name).orElseThrow(() -> missing(name, "a string"));
  }

  private ApiException missing(String name, String what) {
    return invalid(name, "is missing: it must be " + what);
  }

  /** One of some words. */
  public Optional<String> oneOf(String name, List<String> words) {
    Optional<String> value = string(name);
    if (value.isPresent() && !words.contains(value.get())) {
      throw invalid(name, "must be one of " + String.join(", ", words));
    }
    return value;
  }

  public Optional<Boolean> bool(String name) {
    Optional<JsonNode> value = value(name);
    if (value.isPresent() && !value.get().isBoolean()) {
      throw wrongType(name, "must be true or false");
    }
    return value.map(JsonNode::booleanValue);
  }

  /** A whole number; 3.0 is one. */
  public OptionalLong integer(String name, long min, long max) {
    Optional<JsonNode> value = value(name);
    if (value.isEmpty()) {
      return OptionalLong.empty();
    }
    JsonNode n = value.get();
    if (!n.isNumber() || n.doubleValue() != Math.rint(n.doubleValue())) {
      throw wrongType(name, "must be a whole number");
    }
    boolean fits = n.isIntegralNumber() ? n.canConvertToLong() : Math.abs(n.doubleValue()) < 1e15;
    long number = fits ? n.asLong() : 0;
    if (!fits || number < min || number > max) {
      throw invalid(name, "must be " + range(min, max));
    }
    return OptionalLong.of(number);
  }

  private static String range(long min, long max) {
    boolean open = max == Integer.MAX_VALUE || max == Long.MAX_VALUE;
    return open ? min + " or more" : "from " + min + " to " + max;
  }

  public OptionalInt integer(String name, int min, int max) {
    OptionalLong value = integer(name, (long) min, max);
    return value.isPresent() ? OptionalInt.of((int) value.getAsLong()) : OptionalInt.empty();
  }

  public OptionalDouble number(String name, double min, double max) {
    Optional<JsonNode> value = value(name);
    if (value.isEmpty()) {
      return OptionalDouble.empty();
    }
    if (!value.get().isNumber()) {
      throw wrongType(name, "must be a number");
    }
    double number = value.get().doubleValue();
    if (!(number >= min && number <= max)) {
      throw invalid(
          name, String.format(Locale.ROOT, "must be from %s to %s", text(min), text(max)));
    }
    return OptionalDouble.of(number);
  }

  private static String text(double bound) {
    return bound == Math.rint(bound) && Math.abs(bound) < 1e15
        ? String.valueOf((long) bound)
        : String.valueOf(bound);
  }

  public Optional<Fields> object(String name) {
    Optional<JsonNode> value = value(name);
    if (value.isPresent() && !value.get().isObject()) {
      throw wrongType(name, "must be an object");
    }
    return value.map(v -> new Fields(v, path(name)));
  }

  public Fields requiredObject(String name) {
    return object(name).orElseThrow(() -> missing(name, "an object"));
  }

  private Optional<JsonNode> array(String name) {
    Optional<JsonNode> value = value(name);
    if (value.isPresent() && !value.get().isArray()) {
      throw wrongType(name, "must be an array");
    }
    return value;
  }

  /** An array of objects; empty where it is absent. */
  public List<Fields> objects(String name) {
    List<Fields> list = new ArrayList<>();
    array(name)
        .ifPresent(array -> {
          for (JsonNode element : array) {
            String place = name + "[" + list.size() + "]";
            if (!element.isObject()) {
              throw wrongType(place, "must be an object");
            }
            list.add(new Fields(element, path(place)));
          }
        });
    return list;
  }

  /** An array of strings, or a single one. */
  public List<String> strings(String name) {
    Optional<JsonNode> value = value(name);
    if (value.isPresent() && value.get().isString()) {
      return List.of(value.get().stringValue());
    }
    if (value.isPresent() && !value.get().isArray()) {
      throw wrongType(name, "must be a string or an array of strings");
    }
    List<String> list = new ArrayList<>();
    array(name)
        .ifPresent(array -> {
          for (JsonNode element : array) {
            if (!element.isString()) {
              throw wrongType(name + "[" + list.size() + "]", "must be a string");
            }
            list.add(element.stringValue());
          }
        });
    return list;
  }

  /** The object as maps, lists and plain values, for templates. */
  public Map<String, Object> toMap() {
    return JsonMapper.shared().convertValue(node, new TypeReference<>() {});
  }
}
