package io.tiefsee.server;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.node.ObjectNode;

/** The server's OpenAPI document, and a judge of what obeys its schemas. */
final class OpenApiDocument {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final SchemaRegistry REGISTRY =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);

  /**
   * What can be done at a path.
   *
   * @param method in capitals
   * @param path with {@code {name}} for parameters
   */
  record Operation(String method, String path, JsonNode node) {
    /** The schema of the request's body. */
    Optional<JsonNode> request() {
      JsonNode content = node.path("requestBody").path("content").path("application/json");
      return Optional.of(content.path("schema")).filter(s -> !s.isMissingNode());
    }

    /** Examples of the request's body, by name. */
    Map<String, JsonNode> examples() {
      Map<String, JsonNode> examples = new java.util.LinkedHashMap<>();
      node.path("requestBody")
          .path("content")
          .path("application/json")
          .path("examples")
          .forEachEntry((name, example) -> examples.put(name, example.path("value")));
      return examples;
    }

    /** The schema of an answer. */
    JsonNode answer(String status, String type) {
      return node.path("responses").path(status).path("content").path(type).path("schema");
    }

    @Override
    public String toString() {
      return method + " " + path;
    }
  }

  private final JsonNode root = JSON.readTree(OpenApiEndpoint.read());
  private final Map<String, Schema> schemas = new ConcurrentHashMap<>();

  JsonNode root() {
    return root;
  }

  List<Operation> operations() {
    List<Operation> list = new ArrayList<>();
    root.path("paths")
        .forEachEntry((path, methods) ->
            methods.forEachEntry((method, node) ->
                list.add(new Operation(method.toUpperCase(java.util.Locale.ROOT), path, node))));
    return list;
  }

  /** What is wrong with a value; empty if it obeys a schema of the document. */
  String errors(JsonNode schema, String value) {
    Schema compiled =
        schemas.computeIfAbsent(
            schema.toString(),
            text -> {
              ObjectNode whole = JSON.createObjectNode();
              whole.putArray("allOf").add(schema);
              whole.set("components", root.path("components"));
              return REGISTRY.getSchema(whole.toString(), InputFormat.JSON);
            });
    var errors = compiled.validate(value, InputFormat.JSON);
    return errors.isEmpty() ? "" : errors.toString();
  }
}
