package io.tiefsee.engine;

import io.tiefsee.format.Weights;
import io.tiefsee.kernel.KernelTable;
import io.tiefsee.kernel.Kernels;
import io.tiefsee.kernel.KvLayer;
import io.tiefsee.model.Batch;
import io.tiefsee.model.EagerOps;
import io.tiefsee.model.KvCache;
import io.tiefsee.model.ModelLoader;
import io.tiefsee.model.ModelSpec;
import io.tiefsee.model.Transformer;
import io.tiefsee.tensor.BadInput;
import io.tiefsee.tensor.Parallel;
import io.tiefsee.tensor.Tensor;
import io.tiefsee.text.ChatTemplate;
import io.tiefsee.text.ReasoningParser;
import io.tiefsee.text.Tokenizer;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntPredicate;

/**
 * A model that answers: give it tokens, read tokens. Many requests at once share each step.
 *
 * <p>One thread, {@code tiefsee-engine}, owns the scheduler, the pages, the scratch memory and the
 * kernels' thread team; requests reach it through a queue, answers leave through {@link
 * Generation}, so there are no locks in between. It sleeps when there is nothing to do. A request's
 * result does not depend, bit for bit, on what else is running.
 *
 * <p>All methods are thread-safe. {@link #close} ends the thread and frees all memory; unfinished
 * generations end as cancelled.
 */
public final class Engine implements AutoCloseable {
  private final Arena arena = Arena.ofShared();
  private final Optional<Weights> files;
  private final EngineOptions options;
  private final Transformer transformer;
  private final KernelTable kernels;
  private final Parallel parallel;
  private final KvCache cache;
  private final EagerOps ops;
  private final KvPages pages;
  private final Scheduler scheduler;
  private final Chooser chooser;
  private final Batch batch = new Batch();
  private final int contextLength;
  private final Optional<Tokenizer> tokenizer;
  private final Optional<ChatTemplate> template;
  private final SamplingParams defaults;
  private final ConcurrentLinkedQueue<Runnable> inbox = new ConcurrentLinkedQueue<>();
  private final Thread thread;
  private int layersDone;
  private volatile boolean closed;

  /** Opens a model with {@link EngineOptions#defaults()}. */
  public static Engine open(Path model) {
    return open(model, EngineOptions.defaults());
  }

  /**
   * Opens a model.
   *
   * @param model a .gguf file or a Hugging Face folder
   * @throws BadInput if the files are broken, unknown or do not fit into memory
   */
  public static Engine open(Path model, EngineOptions options) {
    Weights files = Weights.open(model);
    try {
      return new Engine(Source.of(files, options), options);
    } catch (RuntimeException | Error e) {
      files.close();
      throw e;
    }
  }

  /**
   * Runs a model in memory, which its owner may train on while no request runs; after each change
   * {@link #weightsChanged} has to be called. There is no text: only token ids work.
   *
   * @param model stays its owner's, and open as long as the engine is
   * @param endOfGeneration tokens that end an answer
   * @throws BadInput if the cache does not fit into memory
   */
  public static Engine of(Transformer model, Set<Integer> endOfGeneration, EngineOptions options) {
    ModelFolder nothing =
        new ModelFolder(Optional.empty(), Optional.empty(), SamplingParams.builder().build());
    return new Engine(
        new Source(
            Optional.empty(),
            model.spec(),
            nothing,
            among(endOfGeneration),
            (kernels, parallel, arena) -> model),
        options);
  }

  /**
   * Where a model comes from.
   *
   * @param files empty where it is in memory already
   * @param ends tells the tokens that end an answer
   */
  private record Source(
      Optional<Weights> files,
      ModelSpec spec,
      ModelFolder folder,
      IntPredicate ends,
      Loader loader) {

    private interface Loader {
      Transformer load(KernelTable kernels, Parallel parallel, Arena arena);
    }

    static Source of(Weights files, EngineOptions options) {
      ModelFolder folder = ModelFolder.of(files);
      ModelSpec spec = ModelLoader.describe(files);
      folder.tokenizer().ifPresent(t -> checkVocabulary(t, spec));
      var ends = folder.tokenizer().map(Tokenizer::endOfGeneration).orElse(Set.of());
      return new Source(
          Optional.of(files),
          spec,
          folder,
          among(ends),
          (kernels, parallel, arena) ->
              new ModelLoader(files, spec, kernels, parallel, options.activations(), arena)
                  .load((done, total) -> options.progress().report("load", done, total)));
    }
  }

  private Engine(Source source, EngineOptions options) {
    this.files = source.files;
    this.options = options;
    tokenizer = source.folder.tokenizer();
    template = source.folder.chatTemplate();
    defaults = source.folder.samplingDefaults();
    kernels = Kernels.forIsa(options.isa());
    ModelSpec spec = source.spec;
    contextLength = MemoryPlan.contextLength(spec, modelBytes(), options);
    parallel = new Parallel(options.threads());
    try {
      transformer = source.loader.load(kernels, parallel, arena);
      int cacheTokens = Math.max(contextLength, options.cacheTokens().orElse(0));
      cache = new KvCache(spec, options.kv(), Math.ceilDiv(cacheTokens, KvLayer.PAGE), arena);
      ops = new EagerOps(spec, kernels, parallel, options.activations(), cache);
      ops.onLayer(this::layerDone);
    } catch (RuntimeException | Error e) {
      parallel.close();
      arena.close();
      throw e;
    }
    pages = new KvPages(cache.pages());
    scheduler = new Scheduler(pages, contextLength, options.maxBatchTokens(), source.ends);
    chooser = new Chooser(parallel, kernels.ops(), spec.vocab(), transformer.weights().norm());
    thread = Thread.ofPlatform().daemon().name("tiefsee-engine").start(this::loop);
  }

  /** Membership without boxing, which would be garbage in each step. */
  private static IntPredicate among(Set<Integer> ids) {
    BitSet set = new BitSet();
    ids.forEach(set::set);
    return set::get;
  }

  private static void checkVocabulary(Tokenizer t, ModelSpec spec) {
    if (t.vocabSize() > spec.vocab()) {
      throw new BadInput(
          "the tokenizer knows "
              + t.vocabSize()
              + " tokens, but the model's embedding has only "
              + spec.vocab()
              + " rows: tokenizer and weights are not of the same model");
    }
  }

  /**
   * Starts an answer.
   *
   * @param prompt token ids, at least one
   * @throws BadInput if the prompt is empty, has an unknown token or does not fit the context
   */
  public Generation submit(int[] prompt, SamplingParams params) {
    return submit(prompt, params, TokenGuide.NONE);
  }

  /**
   * Starts an answer that a guide has a say in.
   *
   * @param guide of this answer alone
   * @throws BadInput if the prompt is empty, has an unknown token or does not fit the context
   */
  public Generation submit(int[] prompt, SamplingParams params, TokenGuide guide) {
    checkPrompt(prompt);
    if (prompt.length >= contextLength) {
      throw new BadInput(
          "the prompt has "
              + prompt.length
              + " tokens, but the context has room for "
              + contextLength
              + " (one of them for the answer)");
    }
    long seed = params.seed().orElseGet(() -> ThreadLocalRandom.current().nextLong());
    Generation generation = new Generation(prompt.length, this::wake);
    Sequence sequence = new Sequence(generation, prompt, params, guide, seed);
    post(() -> scheduler.add(sequence));
    return generation;
  }

  /** Asks one question, by the model's chat template and with its {@link #defaults()}. */
  public TextGeneration chat(String question) {
    return chat(
        ChatTemplate.Request.of(List.of(new ChatTemplate.Message("user", question))), defaults);
  }

  /**
   * Continues a conversation, by the model's chat template.
   *
   * @throws BadInput if the model has no tokenizer, or the conversation does not fit
   */
  public TextGeneration chat(ChatTemplate.Request conversation, SamplingParams params) {
    ChatTemplate t = template.orElseThrow(Engine::noTokenizer);
    return complete(t.render(conversation), params);
  }

  /**
   * Continues a text as it is; special tokens in it are parsed. A beginning-of-sequence token is
   * put before it where the model wants one and the text does not start with it.
   */
  public TextGeneration complete(String prompt, SamplingParams params) {
    Tokenizer t = tokenizer.orElseThrow(Engine::noTokenizer);
    Generation generation = submit(tokens(t, prompt), params);
    return new TextGeneration(generation, t, ReasoningParser.forPrompt(prompt), params.stop());
  }

  /** The tokens of a prompt, as {@link #complete} makes them. */
  public static int[] tokens(Tokenizer t, String prompt) {
    int[] ids = t.encode(prompt, true);
    boolean twice = ids.length > 0 && t.bos().isPresent() && ids[0] == t.bos().getAsInt();
    return twice ? ids : t.encode(prompt, new Tokenizer.EncodeOptions(true, t.addBos()));
  }

  private static BadInput noTokenizer() {
    return new BadInput("the model has no tokenizer: give token ids (--tokens 1,2,3)");
  }

  private void checkPrompt(int[] prompt) {
    if (prompt.length == 0) {
      throw new BadInput("the prompt has no tokens");
    }
    int vocab = spec().vocab();
    for (int id : prompt) {
      if (id < 0 || id >= vocab) {
        throw new BadInput("token " + id + " is not in the vocabulary (0 to " + (vocab - 1) + ")");
      }
    }
  }

  /** Hears the logits of one position after the other. */
  @FunctionalInterface
  public interface LogitsConsumer {
    /**
     * @param position of the token whose successor the logits predict
     * @param logits [·, vocab], valid during the call
     * @param row which row
     */
    void accept(int position, Tensor logits, int row);
  }

  /**
   * Computes the logits of every position of a text, between other requests' steps. Blocks.
   *
   * @param chunk tokens computed at once
   */
  public void logits(int[] tokens, int chunk, LogitsConsumer consumer) {
    checkPrompt(tokens);
    if (tokens.length > contextLength) {
      throw new BadInput(
          "the text has "
              + tokens.length
              + " tokens, but the context has room for "
              + contextLength);
    }
    onEngineThread(() -> score(tokens, chunk, consumer));
  }

  /**
   * Forgets all prefixes in the cache: what they hold was computed with weights that have changed
   * since. Blocks until it is done.
   *
   * @throws IllegalStateException if requests are running, whose cache would be of both
   */
  public void weightsChanged() {
    onEngineThread(() -> {
      if (!scheduler.isIdle()) {
        throw new IllegalStateException("the weights have changed while requests were running");
      }
      pages.forgetAll();
    });
  }

  private void onEngineThread(Runnable work) {
    CompletableFuture<Boolean> done = new CompletableFuture<>();
    post(() -> {
      try {
        work.run();
        done.complete(true);
      } catch (RuntimeException | Error e) {
        done.completeExceptionally(e);
      }
    });
    try {
      boolean ignored = done.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BadInput("interrupted");
    } catch (java.util.concurrent.ExecutionException e) {
      throw e.getCause() instanceof RuntimeException r
          ? r
          : new IllegalStateException(e.getCause());
    }
  }

  private void score(int[] tokens, int chunk, LogitsConsumer consumer) {
    int need = Math.ceilDiv(tokens.length, KvLayer.PAGE);
    if (need > pages.free()) {
      throw new BadInput("other requests hold the KV cache: try again later");
    }
    int[] table = new int[need];
    for (int i = 0; i < need; i++) {
      table[i] = pages.take();
    }
    try {
      for (int from = 0; from < tokens.length; from += chunk) {
        int end = Math.min(tokens.length, from + chunk);
        batch.clear();
        batch.sequence(table);
        for (int p = from; p < end; p++) {
          int slot = table[p / KvLayer.PAGE] * KvLayer.PAGE + p % KvLayer.PAGE;
          batch.add(tokens[p], p, slot, true);
        }
        Tensor logits = transformer.forward(batch, cache, ops);
        for (int i = 0; i < end - from; i++) {
          consumer.accept(from + i, logits, i);
        }
        options.progress().report("prompt", end, tokens.length);
      }
    } finally {
      for (int page : table) {
        pages.release(page);
      }
    }
  }

  private void post(Runnable command) {
    synchronized (inbox) {
      if (closed) {
        throw new IllegalStateException("the engine is closed");
      }
      inbox.add(command);
    }
    wake();
  }

  private void wake() {
    LockSupport.unpark(thread);
  }

  private void loop() {
    while (!closed) {
      drainInbox();
      try {
        if (!step() && inbox.isEmpty() && !closed) {
          LockSupport.park(this);
        }
      } catch (RuntimeException | Error e) {
        scheduler.abort(new IllegalStateException("the engine failed: " + e.getMessage(), e));
      }
    }
    drainInbox();
    scheduler.abort(new IllegalStateException("the engine was closed"));
  }

  private void drainInbox() {
    Runnable command;
    while ((command = inbox.poll()) != null) {
      command.run();
    }
  }

  /** One step of all running sequences; false if there was nothing to do. */
  private boolean step() {
    scheduler.next(batch);
    if (batch.size() == 0) {
      return false;
    }
    layersDone = 0;
    Tensor logits = transformer.forward(batch, cache, ops);
    scheduler.stepDone();
    List<Sequence> owners = scheduler.logitOwners();
    chooser.run(logits, owners);
    for (int row = 0; row < owners.size(); row++) {
      if (chooser.failed(row)) {
        scheduler.fail(owners.get(row), chooser.failure(row));
      } else {
        scheduler.accept(owners.get(row), chooser.offer(row));
      }
    }
    return true;
  }

  /** Reports how far a prompt is, layer by layer, while nothing else runs. */
  private void layerDone() {
    layersDone++;
    Optional<Sequence> only = scheduler.onlyPrompt();
    if (only.isPresent()) {
      Sequence s = only.get();
      long layers = spec().layers();
      long before = s.computed() - batch.size();
      options
          .progress()
          .report(
              "prompt",
              before * layers + (long) batch.size() * layersDone,
              s.promptLength * layers);
    }
  }

  public ModelSpec spec() {
    return transformer.spec();
  }

  /** Empty where the model comes without one; then only token ids work. */
  public Optional<Tokenizer> tokenizer() {
    return tokenizer;
  }

  public Optional<ChatTemplate> chatTemplate() {
    return template;
  }

  /** What the model's makers recommend: generation_config.json, or GGUF's general.sampling keys. */
  public SamplingParams defaults() {
    return defaults;
  }

  /** Tokens that a sequence may have, prompt and answer together. */
  public int contextLength() {
    return contextLength;
  }

  public EngineOptions options() {
    return options;
  }

  /** Bytes of the model's files; 0 for a model in memory. */
  public long modelBytes() {
    return files.map(Weights::bytes).orElse(0L);
  }

  /** Bytes of weights that are read for each token of a single answer. */
  public long bytesPerToken() {
    return transformer.weights().bytesPerToken(spec());
  }

  /** The kernels in use, for reports. */
  public KernelTable kernels() {
    return kernels;
  }

  @Override
  public void close() {
    synchronized (inbox) {
      if (closed) {
        return;
      }
      closed = true;
    }
    wake();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    parallel.close();
    ops.close();
    arena.close();
    files.ifPresent(Weights::close);
  }
}
