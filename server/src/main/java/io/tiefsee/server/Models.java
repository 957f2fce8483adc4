package io.tiefsee.server;

import io.tiefsee.server.ApiException.Kind;
import io.tiefsee.tensor.BadInput;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * The models of a server. They are loaded when they are first asked for, and unloaded when nobody
 * has used them for a while, or when another one needs the memory. Thread-safe.
 */
public final class Models implements AutoCloseable {
  /** DeepSeek's names for its model that answers at once, and for its model that thinks. */
  static final String CHAT = "deepseek-chat";

  private static final Set<String> DEEPSEEK_NAMES = Set.of(CHAT, "deepseek-reasoner");

  /** What clients send that were not told a name, where there is only one model to mean. */
  private static final String DEFAULT = "default";

  private final Map<String, Model> byName = new LinkedHashMap<>();
  private final Map<String, Model> byAlias = new LinkedHashMap<>();
  private final Duration idleUnload;
  private final ScheduledExecutorService sweeper;

  /**
   * @param books that answers are entered in
   * @throws BadInput if a name is there twice, an alias means nothing, or a file is no model
   */
  Models(List<ModelSource> sources, ServerOptions options, Books books) {
    for (ModelSource source : sources) {
      Model model = new Model(source, options, books);
      if (byName.put(source.name(), model) != null) {
        throw new BadInput(
            "two models are named " + source.name() + ": give them names, --model NAME=REF");
      }
      books.metrics().watch(model);
    }
    if (byName.isEmpty()) {
      throw new BadInput("there is no model to serve");
    }
    options.aliases().forEach(this::alias);
    this.idleUnload = Duration.ofSeconds(options.idleUnload());
    this.sweeper =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("tiefsee-models").factory());
    if (!idleUnload.isZero()) {
      long millis = Math.clamp(idleUnload.toMillis() / 4, 10, 5_000);
      var ignored =
          sweeper.scheduleWithFixedDelay(this::sweep, millis, millis, TimeUnit.MILLISECONDS);
    }
  }

  private void alias(String alias) {
    int equals = alias.indexOf('=');
    String name = equals < 0 ? alias : alias.substring(0, equals);
    String of = equals < 0 ? first().name() : alias.substring(equals + 1);
    if (name.isBlank()) {
      throw new BadInput("the alias '" + alias + "' has no name: it is NAME or NAME=MODEL");
    }
    Optional<Model> model = Optional.ofNullable(byName.get(of));
    if (model.isEmpty()) {
      throw new BadInput("the alias " + name + " is of " + of + ", but " + whatThereIs());
    }
    if (byName.containsKey(name) || byAlias.put(name, model.get()) != null) {
      throw new BadInput("two models are named " + name + ": choose another --alias");
    }
  }

  private String whatThereIs() {
    return "there are " + String.join(", ", byName.keySet());
  }

  /** Other names of a model. */
  public List<String> aliases(Model model) {
    return byAlias.entrySet().stream()
        .filter(e -> e.getValue() == model)
        .map(Map.Entry::getKey)
        .toList();
  }

  /** All models, in the order in which they were named. */
  public List<Model> all() {
    return List.copyOf(byName.values());
  }

  /** The model of a request that names none. */
  public Model first() {
    return byName.values().iterator().next();
  }

  /**
   * The model of a name.
   *
   * @param name empty for the first; DeepSeek's names mean it too, where no model is named so, and
   *     {@code default} means the only one
   * @throws ApiException 404 if there is none of that name
   */
  public Model find(Optional<String> name) {
    return name.isEmpty() ? first() : find(name.get());
  }

  private Model find(String name) {
    Optional<Model> named =
        Optional.ofNullable(byName.get(name)).or(() -> Optional.ofNullable(byAlias.get(name)));
    if (named.isPresent()) {
      return named.get();
    }
    if (DEEPSEEK_NAMES.contains(name) || (name.equals(DEFAULT) && byName.size() == 1)) {
      return first();
    }
    throw new ApiException(
        Kind.MODEL_NOT_FOUND, "there is no model '" + name + "'; " + whatThereIs());
  }

  /**
   * As {@link #load}, for a request.
   *
   * @throws ApiException 503 if it cannot be loaded
   */
  public Model.Lease use(Model model) throws InterruptedException {
    try {
      return load(model);
    } catch (BadInput e) {
      throw new ApiException(
          Kind.OUT_OF_RESOURCES, model.name() + " cannot be loaded: " + e.getMessage());
    }
  }

  /**
   * Loads a model if it is not, and keeps it loaded until the lease is closed. Waits meanwhile.
   *
   * @throws BadInput if it cannot be loaded, or does not fit even with all idle ones unloaded
   */
  public Model.Lease load(Model model) throws InterruptedException {
    while (true) {
      try {
        return model.use();
      } catch (BadInput e) {
        if (!unloadOldestIdle(model)) {
          throw e;
        }
      }
    }
  }

  private boolean unloadOldestIdle(Model wanted) {
    return byName.values().stream()
        .filter(m -> m != wanted && m.state() == Model.State.LOADED)
        .sorted(Comparator.comparingLong(Model::lastUse))
        .anyMatch(m -> m.unloadIfIdle(Duration.ZERO));
  }

  private void sweep() {
    byName
        .values()
        .forEach(m -> {
          boolean ignored = m.unloadIfIdle(idleUnload);
        });
  }

  @Override
  public void close() {
    sweeper.shutdownNow();
    byName.values().forEach(Model::close);
  }
}
