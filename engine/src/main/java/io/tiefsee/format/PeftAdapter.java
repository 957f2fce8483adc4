package io.tiefsee.format;

import io.tiefsee.tensor.BadInput;
import io.tiefsee.tensor.LowRank;
import io.tiefsee.tensor.Matrix;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A LoRA adapter as the PEFT library stores it: a folder with adapter_config.json and
 * adapter_model.safetensors. Modules have Hugging Face's names, like {@code
 * model.layers.3.self_attn.q_proj}; the numbers are mapped and valid until {@link #close}.
 */
public final class PeftAdapter implements AutoCloseable {
  /** The file that says what an adapter is. */
  public static final String CONFIG = "adapter_config.json";

  /** The file with the numbers. */
  public static final String WEIGHTS = "adapter_model.safetensors";

  private static final String PREFIX = "base_model.model.";
  private static final Pattern NAME =
      Pattern.compile(Pattern.quote(PREFIX) + "(.+)\\.lora_([AB])(?:\\.default)?\\.weight");

  /**
   * What changes one module's weights: W + scale · B · A.
   *
   * @param a [rank, inputs], of a float type
   * @param b [outputs, rank], of a float type
   */
  public record Factors(Matrix a, Matrix b, float scale) {}

  private final Path path;
  private final SafetensorsFile file;
  private final Map<String, Factors> modules = new LinkedHashMap<>();

  private PeftAdapter(Path folder, SafetensorsFile file) {
    this.path = folder;
    this.file = file;
    JsonNode config = Json.read(folder.resolve(CONFIG));
    check(config);
    Map<String, Matrix> a = new LinkedHashMap<>();
    Map<String, Matrix> b = new LinkedHashMap<>();
    for (TensorInfo info : file.tensors()) {
      Matcher name = NAME.matcher(info.name());
      if (!name.matches() || info.shape().size() != 2 || !info.type().isFloat()) {
        throw bad("tensor " + Quote.of(info.name()) + " is no matrix of LoRA's lora_A and lora_B");
      }
      MemorySegment data = file.data(info.name()).orElseThrow();
      (name.group(2).equals("A") ? a : b)
          .put(name.group(1), Matrix.of(info.name(), info.type(), info.rows(), info.cols(), data));
    }
    a.forEach((module, down) -> {
      Matrix up = Optional.ofNullable(b.remove(module)).orElseThrow(() -> lacks(module, "lora_B"));
      if (up.cols() != down.rows()) {
        throw bad(module + " has factors of the ranks " + down.rows() + " and " + up.cols());
      }
      modules.put(module, new Factors(down, up, scale(config, module, down.rows())));
    });
    if (!b.isEmpty()) {
      throw lacks(b.keySet().iterator().next(), "lora_A");
    }
    if (modules.isEmpty()) {
      throw bad("it changes nothing");
    }
  }

  /**
   * Opens an adapter.
   *
   * @param path the folder, or its adapter_model.safetensors
   * @throws BadInput if it is none, is broken, or does what LoRA alone does not
   */
  public static PeftAdapter open(Path path) {
    Path folder = path;
    if (Files.isRegularFile(path) && path.toString().endsWith(".safetensors")) {
      folder = path.toAbsolutePath().getParent();
    }
    if (!isAdapter(folder)) {
      throw new BadInput(
          path + " is no LoRA adapter: wanted a folder with " + CONFIG + " and " + WEIGHTS);
    }
    SafetensorsFile file =
        SafetensorsFile.open(folder.equals(path) ? folder.resolve(WEIGHTS) : path);
    try {
      return new PeftAdapter(folder, file);
    } catch (RuntimeException | Error e) {
      file.close();
      throw e;
    }
  }

  /** True for a folder with an adapter's configuration. */
  public static boolean isAdapter(Path folder) {
    return Files.exists(folder.resolve(CONFIG));
  }

  private void check(JsonNode config) {
    String type = config.path("peft_type").asString("LORA");
    if (!type.equals("LORA")) {
      throw bad("it is of the kind " + Quote.of(type) + ", not LORA");
    }
    for (String option : List.of("use_dora", "fan_in_fan_out", "lora_bias")) {
      if (config.path(option).asBoolean(false)) {
        throw bad(option + " is set, which plain LoRA has not");
      }
    }
    if (!config.path("bias").asString("none").equals("none")) {
      throw bad("it changes biases too: only bias = none is LoRA alone");
    }
  }

  /** alpha / rank, or alpha / √rank with rsLoRA (Kalajdzievski, 2023). */
  private float scale(JsonNode config, String module, int rank) {
    double alpha = config.path("lora_alpha").asDouble(8);
    for (Map.Entry<String, JsonNode> e : config.path("alpha_pattern").properties()) {
      try {
        if (module.matches("(.*\\.)?(" + e.getKey() + ")")) {
          alpha = e.getValue().asDouble(alpha);
          break;
        }
      } catch (PatternSyntaxException broken) {
        throw bad("alpha_pattern " + Quote.of(e.getKey()) + " is no regular expression");
      }
    }
    double by = config.path("use_rslora").asBoolean(false) ? Math.sqrt(rank) : rank;
    if (!Double.isFinite(alpha)) {
      throw bad("lora_alpha is no number");
    }
    return (float) (alpha / by);
  }

  private BadInput lacks(String module, String factor) {
    return bad(Quote.of(module) + " has no " + factor);
  }

  private BadInput bad(String what) {
    return new BadInput("the adapter " + path + " cannot be used: " + what);
  }

  /** The changed modules, in the order of the file. */
  public Map<String, Factors> modules() {
    return Collections.unmodifiableMap(modules);
  }

  @Override
  public void close() {
    file.close();
  }

  /** Name of a factor in the file; {@code factor} is A or B. */
  public static String tensorName(String module, char factor) {
    return PREFIX + module + ".lora_" + factor + ".weight";
  }

  /**
   * Writes an adapter into a folder that is there; the configuration comes last.
   *
   * @param base the model that it changes, as a person names it
   * @param modules by name; layers that are not among them stay as they are
   * @throws BadInput if it cannot be written
   */
  public static void write(Path folder, String base, Map<String, LowRank> modules) {
    SafetensorsWriter weights = new SafetensorsWriter().metadata("format", "pt");
    modules.forEach((module, change) -> {
      factor(weights, tensorName(module, 'A'), change.down());
      factor(weights, tensorName(module, 'B'), change.up());
    });
    weights.write(folder.resolve(WEIGHTS));
    byte[] json = (config(base, modules).toPrettyString() + "\n").getBytes(StandardCharsets.UTF_8);
    OutputFile.write(folder.resolve(CONFIG), out -> out.write(json));
  }

  private static void factor(SafetensorsWriter to, String name, Matrix m) {
    List<Long> shape = List.of((long) m.rows(), (long) m.cols());
    to.tensor(TensorInfo.of(name, m.type(), shape), TensorData.of(m));
  }

  private static ObjectNode config(String base, Map<String, LowRank> modules) {
    LowRank usual = modules.values().iterator().next();
    ObjectNode config = JsonNodeFactory.instance.objectNode();
    config.put("peft_type", "LORA").put("task_type", "CAUSAL_LM");
    config.put("base_model_name_or_path", base).put("inference_mode", true);
    config.put("r", usual.rank()).put("lora_alpha", alpha(usual)).put("lora_dropout", 0.0);
    config.put("bias", "none").put("use_rslora", false).put("use_dora", false);
    config.put("fan_in_fan_out", false).put("init_lora_weights", true);
    TreeSet<String> targets = new TreeSet<>();
    TreeSet<Integer> layers = new TreeSet<>();
    ObjectNode ranks = config.putObject("rank_pattern");
    ObjectNode alphas = config.putObject("alpha_pattern");
    modules.forEach((module, change) -> {
      targets.add(module.substring(module.lastIndexOf('.') + 1));
      Matcher layer = Pattern.compile("layers\\.(\\d+)\\.").matcher(module);
      if (layer.find()) {
        layers.add(Integer.parseInt(layer.group(1)));
      }
      if (change.rank() != usual.rank()) {
        ranks.put(module, change.rank());
      }
      if (alpha(change) != alpha(usual)) {
        alphas.put(module, alpha(change));
      }
    });
    targets.forEach(config.putArray("target_modules")::add);
    layers.forEach(config.putArray("layers_to_transform")::add);
    return config;
  }

  private static double alpha(LowRank change) {
    return (double) change.scale() * change.rank();
  }
}
