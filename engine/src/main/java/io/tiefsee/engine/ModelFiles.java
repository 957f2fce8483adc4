package io.tiefsee.engine;

import io.tiefsee.format.Weights;
import io.tiefsee.model.ModelLoader;
import io.tiefsee.model.ModelSpec;
import io.tiefsee.tensor.BadInput;
import io.tiefsee.text.Tokenizer;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;

/**
 * The files of a model, opened: what they say of it is known, its weights are mapped but not loaded
 * yet. Tokenizer and template are read on a thread of their own, since that takes as long as
 * loading a small model does. Thread-safe.
 */
public final class ModelFiles implements AutoCloseable {
  private static final Executor READER =
      task -> Thread.ofPlatform().daemon().name("tiefsee-reader").start(task);

  private final Weights weights;
  private final ModelSpec spec;
  private final CompletableFuture<ModelFolder> folder;

  private ModelFiles(Weights weights) {
    this.weights = weights;
    CompletableFuture<ModelFolder> read =
        CompletableFuture.supplyAsync(() -> ModelFolder.of(weights), READER);
    this.spec = ModelLoader.describe(weights);
    this.folder = read.thenApply(this::checked);
  }

  /**
   * Opens a model.
   *
   * @param model a .gguf file or a Hugging Face folder
   * @throws BadInput if the files are broken or unknown
   */
  public static ModelFiles open(Path model) {
    Weights weights = Weights.open(model);
    try {
      return new ModelFiles(weights);
    } catch (RuntimeException | Error e) {
      weights.close();
      throw e;
    }
  }

  private ModelFolder checked(ModelFolder found) {
    int known = found.tokenizer().map(Tokenizer::vocabSize).orElse(0);
    if (known > spec.vocab()) {
      throw new BadInput(
          "the tokenizer knows "
              + known
              + " tokens, but the model's embedding has only "
              + spec.vocab()
              + " rows: tokenizer and weights are not of the same model");
    }
    return found;
  }

  Weights weights() {
    return weights;
  }

  ModelSpec spec() {
    return spec;
  }

  /**
   * What lies beside the weights; waits until it is read.
   *
   * @throws BadInput if it is broken or belongs to another model
   */
  ModelFolder folder() {
    try {
      return folder.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      if (e.getCause() instanceof Error cause) {
        throw cause;
      }
      throw e;
    }
  }

  /** Throws what {@link #folder} would if that is known by now, so that nobody loads in vain. */
  void failEarly() {
    if (folder.isCompletedExceptionally()) {
      ModelFolder ignored = folder();
    }
  }

  @Override
  public void close() {
    weights.close();
  }
}
