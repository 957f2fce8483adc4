package io.tiefsee.server;

import io.tiefsee.engine.Pooling;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code POST /v1/embeddings}: texts as vectors of length 1. {@code dimensions} keeps the first
 * numbers and brings them back to length 1, as OpenAI does; {@code pooling} is Tiefsee's own.
 */
final class EmbeddingsEndpoint implements Endpoint {
  private static final int MAX_INPUTS = 2048;

  private final Models models;
  private final long keepAliveMillis;

  EmbeddingsEndpoint(Models models, ServerOptions options) {
    this.models = models;
    this.keepAliveMillis = options.keepAlive() * 1000L;
  }

  @Override
  public void handle(Exchange exchange) throws Exception {
    Fields fields = exchange.json();
    Model model = models.find(fields.string("model"));
    List<TextInput> inputs = TextInput.read(fields, "input", MAX_INPUTS);
    boolean base64 =
        fields.oneOf("encoding_format", List.of("float", "base64")).orElse("").equals("base64");
    Pooling pooling =
        Pooling.valueOf(
            fields
                .oneOf("pooling", List.of("mean", "last"))
                .orElse("mean")
                .toUpperCase(Locale.ROOT));
    OptionalInt dimensions = fields.integer("dimensions", 1, Integer.MAX_VALUE);
    ObjectNode body = JsonMapper.shared().createObjectNode().put("object", "list");
    ArrayNode data = body.putArray("data");
    int tokens = 0;
    try (Model.Lease lease = models.use(model)) {
      int dim = lease.engine().spec().dim();
      if (dimensions.orElse(1) > dim) {
        throw fields.invalid("dimensions", "must be from 1 to " + dim + ", what this model has");
      }
      List<int[]> texts = tokens(fields, inputs, lease);
      exchange.keepAlive(keepAliveMillis);
      for (int[] ids : texts) {
        if (exchange.isGone()) {
          throw new ClientGoneException("the client has closed the connection");
        }
        float[] vector = shortened(lease.engine().embed(ids, pooling), dimensions.orElse(dim));
        tokens += ids.length;
        exchange.caller().charge(ids.length);
        ObjectNode entry =
            data.addObject().put("object", "embedding").put("index", data.size() - 1);
        if (base64) {
          entry.put("embedding", base64(vector));
        } else {
          ArrayNode numbers = entry.putArray("embedding");
          for (float x : vector) {
            numbers.add(x);
          }
        }
      }
    }
    body.put("model", model.name());
    body.putObject("usage").put("prompt_tokens", tokens).put("total_tokens", tokens);
    exchange.json(200, body);
  }

  private static List<int[]> tokens(Fields fields, List<TextInput> inputs, Model.Lease lease) {
    List<int[]> texts = new ArrayList<>();
    for (TextInput input : inputs) {
      int[] ids = input.tokens(lease.tokenizer(), false);
      if (ids.length == 0 || input.asText().orElse("text").isEmpty()) {
        throw fields.invalid("input[" + texts.size() + "]", "must not be empty");
      }
      texts.add(ids);
    }
    return texts;
  }

  private static float[] shortened(float[] vector, int dimensions) {
    if (dimensions == vector.length) {
      return vector;
    }
    float[] first = Arrays.copyOf(vector, dimensions);
    double sum = 0;
    for (float x : first) {
      sum += (double) x * x;
    }
    double length = Math.sqrt(sum);
    for (int i = 0; i < first.length && length > 0; i++) {
      first[i] = (float) (first[i] / length);
    }
    return first;
  }

  /** Little-endian 32-bit numbers. */
  private static String base64(float[] vector) {
    ByteBuffer bytes =
        ByteBuffer.allocate(vector.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(vector);
    return Base64.getEncoder().encodeToString(bytes.array());
  }
}
