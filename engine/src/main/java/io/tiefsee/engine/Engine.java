package io.tiefsee.engine;

import io.tiefsee.format.Weights;
import io.tiefsee.kernel.KernelTable;
import io.tiefsee.model.ModelSpec;
import io.tiefsee.model.Transformer;
import io.tiefsee.tensor.BadInput;
import io.tiefsee.tensor.Tensor;
import io.tiefsee.text.ChatTemplate;
import io.tiefsee.text.ReasoningParser;
import io.tiefsee.text.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

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
  /** Tokens of a text at once that is only read, so that others' tokens do not wait long. */
  private static final int TEXT_CHUNK = 64;

  private final Optional<Weights> files;
  private final EngineOptions options;
  private final ModelRunner model;
  private final EngineThread thread;
  private final TextPass textPass;
  private final Optional<Tokenizer> tokenizer;
  private final Optional<ChatTemplate> template;
  private final SamplingParams defaults;

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
    return open(ModelFiles.open(model), options);
  }

  /**
   * Opens a model whose files are open already.
   *
   * @param files closed with the engine, or here if that fails
   * @throws BadInput if the files are broken or the model does not fit into memory
   */
  public static Engine open(ModelFiles files, EngineOptions options) {
    try {
      return new Engine(ModelSource.of(files, options), options);
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
    return new Engine(ModelSource.of(model, endOfGeneration), options);
  }

  private Engine(ModelSource source, EngineOptions options) {
    this.files = source.files();
    this.options = options;
    model = new ModelRunner(source, options);
    try {
      // Read while the weights were loaded.
      ModelSource.Text text = source.text().get();
      tokenizer = text.folder().tokenizer();
      template = text.folder().chatTemplate();
      defaults = text.folder().samplingDefaults();
      thread = new EngineThread(model, options, text.ends(), prefixStore(source));
    } catch (RuntimeException | Error e) {
      model.close();
      throw e;
    }
    textPass = new TextPass(thread);
  }

  /** A model in memory has none: its weights may change. */
  private Optional<PrefixStore> prefixStore(ModelSource source) {
    if (source.files().isEmpty() || options.diskCache().isEmpty()) {
      return Optional.empty();
    }
    byte[] fingerprint = ModelFingerprint.of(source.files().get(), options);
    int pageBytes = Math.toIntExact(model.cache.pageBytes());
    return Optional.of(
        PrefixStore.open(options.diskCache().get(), fingerprint, pageBytes, options.warnings()));
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
    return submit(prompt, params, guide, RequestOptions.defaults());
  }

  /**
   * Starts an answer.
   *
   * @param guide of this answer alone
   * @param request how the engine treats it
   * @throws BadInput if the prompt is empty, has an unknown token or does not fit the context, or
   *     if a thinking budget is asked of a model without a tokenizer
   */
  public Generation submit(
      int[] prompt, SamplingParams params, TokenGuide guide, RequestOptions request) {
    checkPrompt(prompt);
    if (prompt.length >= contextLength()) {
      throw new BadInput(
          "the prompt has "
              + prompt.length
              + " tokens, but the context has room for "
              + contextLength()
              + " (one of them for the answer)");
    }
    long seed = params.seed().orElseGet(() -> ThreadLocalRandom.current().nextLong());
    Generation generation = new Generation(prompt.length, thread::wake);
    int most = Math.min(params.maxTokens(), contextLength() - prompt.length);
    TokenGuide governor = ThinkingGovernor.of(request, tokenizer, prompt, most, generation::note);
    thread.submit(new Sequence(generation, prompt, params, request, guide.and(governor), seed));
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
    checkFits(tokens);
    textPass.run(
        tokens,
        chunk,
        (from, to, batch) -> {
          Tensor logits = model.logits(batch);
          for (int i = 0; i < to - from; i++) {
            consumer.accept(from + i, logits, i);
          }
          options.progress().report("prompt", to, tokens.length);
        });
  }

  /**
   * How probable each token of a text is behind those before it. Computed between other requests'
   * steps. Blocks.
   *
   * @param top how many of the most probable tokens are told at each place
   * @return one entry for each token; the first, which nothing comes before, has a log-probability
   *     of NaN
   */
  public List<Generation.Token> score(int[] tokens, int top) {
    Sampler sampler = new Sampler(kernels().ops(), spec().vocab());
    List<Generation.Token> scores = new ArrayList<>();
    logits(
        tokens,
        Math.min(options.maxBatchTokens(), TEXT_CHUNK),
        (position, logits, row) -> {
          if (position == 0) {
            scores.add(new Generation.Token(tokens[0], Float.NaN, List.of()));
          }
          if (position + 1 < tokens.length) {
            scores.add(sampler.score(logits, row, tokens[position + 1], top));
          }
        });
    return scores;
  }

  private void checkFits(int[] tokens) {
    if (tokens.length > contextLength()) {
      throw new BadInput(
          "the text has "
              + tokens.length
              + " tokens, but the context has room for "
              + contextLength());
    }
  }

  /**
   * A text as a vector: its final hidden states, after the norm, pooled and brought to length 1.
   * Computed between other requests' steps. Blocks.
   *
   * @param tokens at least one
   * @return [dim]
   * @throws BadInput if there are no tokens, an unknown one, or more than the context has room for
   */
  public float[] embed(int[] tokens, Pooling pooling) {
    checkPrompt(tokens);
    checkFits(tokens);
    return textPass.embed(model, tokens, Math.min(options.maxBatchTokens(), TEXT_CHUNK), pooling);
  }

  /**
   * Forgets all prefixes in the cache: what they hold was computed with weights that have changed
   * since. Blocks until it is done.
   *
   * @throws IllegalStateException if requests are running, whose cache would be of both
   */
  public void weightsChanged() {
    thread.call(() -> {
      if (!thread.scheduler().isIdle()) {
        throw new IllegalStateException("the weights have changed while requests were running");
      }
      thread.pages().forgetAll();
    });
  }

  /** How the engine stands; from any thread, without waiting for a step. */
  public EngineStatus status() {
    return thread.status();
  }

  /** Adds one more listener to those of the options; from the next step on. */
  public void addStepListener(StepListener listener) {
    thread.addListener(listener);
  }

  public ModelSpec spec() {
    return model.transformer.spec();
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
    return model.contextLength;
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
    return model.transformer.weights().bytesPerToken(spec());
  }

  /** The kernels in use, for reports. */
  public KernelTable kernels() {
    return model.kernels;
  }

  @Override
  public void close() {
    if (thread.close()) {
      model.close();
      files.ifPresent(Weights::close);
    }
  }
}
