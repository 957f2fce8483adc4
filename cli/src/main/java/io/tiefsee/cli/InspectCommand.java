package io.tiefsee.cli;

import io.tiefsee.engine.ModelFolder;
import io.tiefsee.format.TensorInfo;
import io.tiefsee.format.Weights;
import io.tiefsee.model.AttentionSpec;
import io.tiefsee.model.FfnSpec;
import io.tiefsee.model.ModelLoader;
import io.tiefsee.model.ModelSpec;
import io.tiefsee.model.RopeSpec;
import io.tiefsee.tensor.BadInput;
import io.tiefsee.tensor.QuantType;
import io.tiefsee.text.ChatTemplate;
import io.tiefsee.text.Tokenizer;
import java.lang.reflect.Array;
import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * {@code tiefsee inspect}: what is in a model, without loading it. What cannot run is shown as far
 * as it can be read, and then refused as every other command would.
 */
@Command(
    name = "inspect",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Shows what is in a model: architecture, sizes, tokenizer, template.")
final class InspectCommand implements Callable<Integer> {
  private static final int SHOWN_ELEMENTS = 8;
  private static final int SHOWN_CHARACTERS = 100;

  private final Streams streams;

  @Mixin private ModelOptions.Reference model = new ModelOptions.Reference();

  @Option(names = "--tensors", description = "list every tensor")
  private boolean tensors;

  @Option(names = "--metadata", description = "list every metadata value")
  private boolean metadata;

  @Option(names = "--template", description = "print the chat template")
  private boolean template;

  @Option(names = "--json", description = "print JSON")
  private boolean json;

  InspectCommand(Streams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() {
    try (Weights files = model.open()) {
      Optional<BadInput> refusal = Optional.empty();
      Map<String, Object> facts = new LinkedHashMap<>();
      facts.put("path", files.path().toString());
      try {
        facts.putAll(describe(ModelLoader.describe(files)));
      } catch (BadInput e) {
        refusal = Optional.of(e);
      }
      facts.putAll(sizes(files));
      try {
        facts.putAll(text(ModelFolder.of(files)));
      } catch (BadInput e) {
        refusal = refusal.or(() -> Optional.of(e));
      }
      if (tensors) {
        facts.put("tensors", files.tensors().stream().map(InspectCommand::describe).toList());
      }
      if (metadata) {
        facts.put("metadata", files.metadata());
      }
      streams.out().println(json ? Json.write(facts) : asText(facts));
      if (refusal.isPresent()) {
        throw refusal.get();
      }
    }
    return 0;
  }

  private static Map<String, Object> describe(ModelSpec spec) {
    Map<String, Object> facts =
        Json.object(
            "architecture", spec.architecture(),
            "name", spec.name(),
            "layers", spec.layers(),
            "dim", spec.dim(),
            "vocab", spec.vocab(),
            "context", spec.context());
    facts.put(
        "attention",
        switch (spec.attention()) {
          case AttentionSpec.Gqa a ->
              Json.object(
                  "kind",
                  "gqa",
                  "heads",
                  a.heads(),
                  "kv_heads",
                  a.kvHeads(),
                  "head_dim",
                  a.headDim());
          case AttentionSpec.Mla a ->
              Json.object(
                  "kind",
                  "mla",
                  "heads",
                  a.heads(),
                  "q_lora",
                  a.qLora(),
                  "kv_lora",
                  a.kvLora(),
                  "nope",
                  a.nope(),
                  "rope",
                  a.rope(),
                  "value",
                  a.value());
        });
    facts.put("rope", describe(spec.rope()));
    facts.put("ffn", describe(spec.ffn()));
    facts.put("kv_bytes_per_token", kvBytes(spec));
    return facts;
  }

  private static Map<String, Object> describe(RopeSpec rope) {
    String scaling = rope.scaling().getClass().getSimpleName().toLowerCase(Locale.ROOT);
    return Json.object("dims", rope.dims(), "theta", rope.theta(), "scaling", scaling);
  }

  private static Map<String, Object> describe(List<FfnSpec> ffn) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("dense_layers", ffn.stream().filter(f -> f instanceof FfnSpec.Dense).count());
    for (FfnSpec f : ffn) {
      switch (f) {
        case FfnSpec.Dense d -> facts.putIfAbsent("hidden", d.hidden());
        case FfnSpec.Moe m ->
            facts.putIfAbsent(
                "moe",
                Json.object(
                    "experts", m.experts(),
                    "experts_per_token", m.used(),
                    "hidden", m.hidden(),
                    "shared_hidden", m.sharedHidden(),
                    "gate", m.gate().name().toLowerCase(Locale.ROOT),
                    "groups", m.groups(),
                    "groups_per_token", m.groupsUsed()));
      }
    }
    return facts;
  }

  private static Map<String, Object> kvBytes(ModelSpec spec) {
    Map<String, Object> bytes = new LinkedHashMap<>();
    for (QuantType type : List.of(QuantType.F16, QuantType.Q8_0, QuantType.F32)) {
      try {
        bytes.put(type.name().toLowerCase(Locale.ROOT), spec.kvBytesPerToken(type));
      } catch (BadInput e) {
        // Rows that do not fill blocks of this type cannot be cached in it.
        bytes.remove(type.name());
      }
    }
    return bytes;
  }

  private static Map<String, Object> sizes(Weights files) {
    Map<QuantType, long[]> byType = new EnumMap<>(QuantType.class);
    long parameters = 0;
    for (TensorInfo t : files.tensors()) {
      long[] sums = byType.computeIfAbsent(t.type(), k -> new long[3]);
      long elements = (long) t.rows() * t.cols();
      sums[0]++;
      sums[1] += elements;
      sums[2] += t.bytes();
      parameters += elements;
    }
    Map<String, Object> types = new LinkedHashMap<>();
    byType.forEach((type, s) ->
        types.put(type.name(), Json.object("tensors", s[0], "parameters", s[1], "bytes", s[2])));
    return Json.object("parameters", parameters, "bytes", files.bytes(), "types", types);
  }

  private Map<String, Object> text(ModelFolder folder) {
    Map<String, Object> facts = new LinkedHashMap<>();
    folder.tokenizer().ifPresent(t -> facts.put("tokenizer", describe(t)));
    folder
        .chatTemplate()
        .map(ChatTemplate::source)
        .ifPresent(s -> facts.put("chat_template", template ? s : s.length() + " characters"));
    return facts;
  }

  private static Map<String, Object> describe(Tokenizer t) {
    Map<String, Object> facts = Json.object("tokens", t.vocabSize(), "adds_bos", t.addBos());
    t.bos().ifPresent(id -> facts.put("bos", Json.object("id", id, "text", t.text(id))));
    t.eos().ifPresent(id -> facts.put("eos", Json.object("id", id, "text", t.text(id))));
    facts.put("end_of_generation", t.endOfGeneration().stream().sorted().toList());
    return facts;
  }

  private static Map<String, Object> describe(TensorInfo t) {
    return Json.object(
        "name", t.name(), "type", t.type().name(), "shape", t.shape(), "bytes", t.bytes());
  }

  /** A line per fact; nested ones with dots. */
  private String asText(Map<String, Object> facts) {
    StringBuilder out = new StringBuilder();
    facts.forEach((name, value) -> append(out, name, value));
    return out.toString().stripTrailing();
  }

  private void append(StringBuilder out, String name, Object value) {
    if (name.equals("tensors") && value instanceof List<?> list) {
      for (Object o : list) {
        Map<?, ?> t = (Map<?, ?>) o;
        out.append("%-8s %-20s %s%n".formatted(t.get("type"), t.get("shape"), t.get("name")));
      }
    } else if (value instanceof Map<?, ?> map && !name.equals("metadata")) {
      boolean nested = map.values().stream().anyMatch(v -> v instanceof Map);
      if (nested) {
        map.forEach((k, v) -> append(out, name + "." + k, v));
      } else {
        out.append("%-22s %s%n".formatted(name, members(map)));
      }
    } else if (value instanceof Map<?, ?> map) {
      map.forEach((k, v) -> out.append(k).append(" = ").append(shortened(v)).append('\n'));
    } else {
      out.append("%-22s %s%n".formatted(name, value));
    }
  }

  private static String members(Map<?, ?> map) {
    StringBuilder out = new StringBuilder();
    map.forEach((k, v) -> out.append(out.isEmpty() ? "" : ", ").append(k).append(' ').append(v));
    return out.toString();
  }

  /** A metadata value on one line: the first elements and characters. */
  private static String shortened(Object value) {
    if (value.getClass().isArray() || value instanceof Collection) {
      Object[] all =
          value instanceof Collection<?> c
              ? c.toArray()
              : IntStream.range(0, Array.getLength(value))
                  .limit(SHOWN_ELEMENTS)
                  .mapToObj(i -> Array.get(value, i))
                  .toArray();
      int length = value instanceof Collection<?> c ? c.size() : Array.getLength(value);
      StringBuilder out = new StringBuilder("[");
      for (int i = 0; i < Math.min(SHOWN_ELEMENTS, all.length); i++) {
        out.append(i == 0 ? "" : ", ").append(shortened(all[i]));
      }
      return out.append(length > SHOWN_ELEMENTS ? ", … " + length + " in all]" : "]").toString();
    }
    String text = value.toString().replace("\n", "\\n");
    return text.length() <= SHOWN_CHARACTERS
        ? text
        : text.substring(0, SHOWN_CHARACTERS) + "… (" + text.length() + " characters)";
  }
}
