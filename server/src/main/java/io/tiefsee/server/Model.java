package io.tiefsee.server;

import io.tiefsee.engine.Engine;
import io.tiefsee.engine.EngineOptions;
import io.tiefsee.engine.MemoryPlan;
import io.tiefsee.engine.ModelFolder;
import io.tiefsee.engine.SamplingParams;
import io.tiefsee.format.Weights;
import io.tiefsee.grammar.TokenTrie;
import io.tiefsee.kernel.KvLayer;
import io.tiefsee.model.AdapterFile;
import io.tiefsee.model.ModelLoader;
import io.tiefsee.model.ModelSpec;
import io.tiefsee.tensor.BadInput;
import io.tiefsee.tensor.QuantType;
import io.tiefsee.text.ChatTemplate;
import io.tiefsee.text.Tokenizer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/**
 * A model that is served: known by its files from the start, in memory only while it is used. The
 * first that asks for it loads it, and the others wait. Thread-safe.
 */
public final class Model implements AutoCloseable {
  /** Whether a model is in memory. */
  public enum State {
    UNLOADED,
    LOADING,
    LOADED
  }

  /** Of the memory that is free, what the keys and values of all requests may take. */
  private static final double CACHE_SHARE = 0.4;

  private static final long MAX_CACHE_TOKENS = 1 << 24;

  private final ModelSource source;
  private final Books books;
  private final EngineOptions options;
  private final Optional<Duration> timeout;
  private final int queue;
  private final ModelSpec spec;
  private final SamplingParams defaults;
  private final String template;
  private final long fileBytes;
  private State state = State.UNLOADED;
  private Optional<Engine> engine = Optional.empty();
  private Optional<TokenTrie> trie = Optional.empty();
  private volatile double progress;
  private int users;
  private long lastUse = System.nanoTime();
  private boolean closed;

  Model(ModelSource source, ServerOptions options, Books books) {
    this.source = source;
    this.books = books;
    this.options = engineOptions(options);
    this.timeout = Optional.of(Duration.ofSeconds(options.timeout())).filter(d -> !d.isZero());
    this.queue = options.queue();
    try (Weights files = Weights.open(source.path())) {
      spec = ModelLoader.describe(files);
      ModelFolder folder = ModelFolder.of(files);
      defaults = folder.samplingDefaults();
      template = folder.chatTemplate().map(ChatTemplate::source).orElse("");
      fileBytes = files.bytes();
    }
  }

  private static EngineOptions engineOptions(ServerOptions options) {
    EngineOptions.Builder engine =
        EngineOptions.builder()
            .kv(QuantType.valueOf(options.kv().toUpperCase(Locale.ROOT)))
            .maxSequences(options.slots())
            .adapters(options.lora().stream().map(AdapterFile::parse).toList());
    if (options.threads() > 0) {
      engine.threads(options.threads());
    }
    if (options.ctxSize() > 0) {
      engine.contextLength(options.ctxSize());
    }
    if (!options.prefixCache().isEmpty()) {
      long bytes = (long) (options.prefixCacheGb() * 1e9);
      engine.diskCache(new EngineOptions.DiskCache(Path.of(options.prefixCache()), bytes));
    }
    return engine.build();
  }

  public String name() {
    return source.name();
  }

  public synchronized State state() {
    return state;
  }

  /** How far loading is, 0 to 1. */
  public double progress() {
    return progress;
  }

  /** The engine, while it is loaded. */
  public synchronized Optional<Engine> engine() {
    return engine;
  }

  /** Tokens that prompt and answer may have together. */
  public int contextLength() {
    return engine()
        .map(Engine::contextLength)
        .orElseGet(() -> options.contextLength().orElse(spec.context()));
  }

  /** Bytes of its weights and, while it is loaded, of the cache of keys and values. */
  public long bytes() {
    return fileBytes + engine().map(this::cacheBytes).orElse(0L);
  }

  private long cacheBytes(Engine loaded) {
    return (long) loaded.status().pagesTotal()
        * KvLayer.PAGE
        * spec.kvBytesPerToken(loaded.options().kv());
  }

  /** What the model's makers recommend. */
  public SamplingParams defaults() {
    return defaults;
  }

  /** Whether its template or its makers have it think before it answers. */
  public boolean thinks() {
    return template.contains("<think>") || template.contains("</think>");
  }

  /** How long a request may take. */
  public Optional<Duration> timeout() {
    return timeout;
  }

  /** Where its answers are entered. */
  Books books() {
    return books;
  }

  /** Requests that may wait for it. */
  public int queue() {
    return queue;
  }

  synchronized long lastUse() {
    return lastUse;
  }

  /** A use of a loaded model; as long as it is open the model stays loaded. */
  public final class Lease implements AutoCloseable {
    private final Engine leased;
    private boolean open = true;

    private Lease(Engine engine) {
      this.leased = engine;
    }

    public Model model() {
      return Model.this;
    }

    public Engine engine() {
      return leased;
    }

    /**
     * The tokenizer.
     *
     * @throws BadInput if the model has none
     */
    public Tokenizer tokenizer() {
      return leased
          .tokenizer()
          .orElseThrow(() -> new BadInput("the model " + name() + " has no tokenizer"));
    }

    /** The vocabulary as a tree, for grammars; made once. */
    public TokenTrie trie() {
      synchronized (Model.this) {
        if (trie.isEmpty()) {
          trie = Optional.of(TokenTrie.of(tokenizer()));
        }
        return trie.get();
      }
    }

    @Override
    public void close() {
      synchronized (Model.this) {
        if (open) {
          open = false;
          users--;
          lastUse = System.nanoTime();
        }
      }
    }
  }

  /** Loads it if need be; see {@link Models#load}. */
  Lease use() throws InterruptedException {
    synchronized (this) {
      while (state == State.LOADING) {
        wait();
      }
      if (closed) {
        throw new ApiException(ApiException.Kind.UNAVAILABLE, "the server is stopping");
      }
      if (engine.isPresent()) {
        users++;
        return new Lease(engine.get());
      }
      state = State.LOADING;
      progress = 0;
    }
    Optional<Engine> loaded = Optional.empty();
    try {
      loaded = Optional.of(Engine.open(source.path(), engineOptions()));
      loaded.get().addStepListener(books.steps());
    } finally {
      loaded(loaded);
    }
    return new Lease(loaded.orElseThrow());
  }

  private synchronized void loaded(Optional<Engine> result) {
    engine = result;
    state = result.isPresent() ? State.LOADED : State.UNLOADED;
    users = result.isPresent() ? 1 : 0;
    lastUse = System.nanoTime();
    notifyAll();
  }

  private EngineOptions engineOptions() {
    EngineOptions o =
        options.withProgress((what, done, total) -> {
          if (what.equals("load")) {
            progress = total == 0 ? 0 : (double) done / total;
          }
        });
    long context = o.contextLength().orElse(spec.context());
    long room = (long) (CACHE_SHARE * MemoryPlan.available()) / spec.kvBytesPerToken(o.kv());
    long tokens = Math.min(Math.min(o.maxSequences() * context, room), MAX_CACHE_TOKENS);
    return o.withCacheTokens((int) Math.max(tokens, 1));
  }

  /** Unloads it if nobody has used it for so long; false if it stays. */
  synchronized boolean unloadIfIdle(Duration idle) {
    if (engine.isEmpty() || users > 0 || System.nanoTime() - lastUse < idle.toNanos()) {
      return false;
    }
    engine.get().close();
    engine = Optional.empty();
    trie = Optional.empty();
    state = State.UNLOADED;
    return true;
  }

  /** Unloads it, whoever uses it: unfinished answers end as cancelled. */
  @Override
  public synchronized void close() {
    closed = true;
    boolean interrupted = false;
    while (state == State.LOADING) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    engine.ifPresent(Engine::close);
    engine = Optional.empty();
    state = State.UNLOADED;
  }
}
