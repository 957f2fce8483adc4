package io.tiefsee.engine;

import io.tiefsee.format.TensorInfo;
import io.tiefsee.format.Weights;
import io.tiefsee.kernel.KernelTable;
import io.tiefsee.model.AdapterFile;
import io.tiefsee.model.Lora;
import io.tiefsee.model.ModelLoader;
import io.tiefsee.model.ModelSpec;
import io.tiefsee.model.Transformer;
import io.tiefsee.tensor.Parallel;
import io.tiefsee.tensor.QuantType;
import io.tiefsee.text.Tokenizer;
import java.lang.foreign.Arena;
import java.util.BitSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Where a model comes from.
 *
 * @param files empty where it is in memory already
 * @param text what is known of its text side; may wait until that is read
 */
record ModelSource(Optional<Weights> files, ModelSpec spec, Supplier<Text> text, Loader loader) {

  /** Makes the model, once it is known that it fits. */
  interface Loader {
    Transformer load(KernelTable kernels, Parallel parallel, Arena arena);
  }

  /**
   * Tokens and what they mean.
   *
   * @param ends tells the tokens that end an answer
   */
  record Text(ModelFolder folder, IntPredicate ends) {}

  static ModelSource of(ModelFiles files, EngineOptions options) {
    ModelSpec spec = files.spec();
    return new ModelSource(
        Optional.of(files.weights()),
        spec,
        () -> {
          ModelFolder folder = files.folder();
          return new Text(
              folder, among(folder.tokenizer().map(Tokenizer::endOfGeneration).orElse(Set.of())));
        },
        (kernels, parallel, arena) -> {
          ModelLoader loader =
              new ModelLoader(
                  files.weights(), spec, kernels, parallel, options.activations(), arena);
          Transformer model =
              loader.load((done, total) -> {
                files.failEarly();
                options.progress().report("load", done, total);
              });
          for (AdapterFile a : options.adapters()) {
            Lora lora = Lora.read(a.path(), a.factor(), spec, arena);
            model = new Transformer(spec, lora.attach(model.weights()));
          }
          return model;
        });
  }

  static ModelSource of(Transformer model, Set<Integer> endOfGeneration) {
    ModelFolder nothing =
        new ModelFolder(Optional.empty(), Optional.empty(), SamplingParams.builder().build());
    Text text = new Text(nothing, among(endOfGeneration));
    return new ModelSource(
        Optional.empty(), model.spec(), () -> text, (kernels, parallel, arena) -> model);
  }

  /** Membership without boxing, which would be garbage in each step. */
  private static IntPredicate among(Set<Integer> ids) {
    BitSet set = new BitSet();
    ids.forEach(set::set);
    return set::get;
  }

  /** Types of the files' tensors; a model in memory may be given others. */
  Optional<Set<QuantType>> types() {
    return files.map(f -> f.tensors().stream().map(TensorInfo::type).collect(Collectors.toSet()));
  }

  /** Bytes of the files; 0 for a model in memory. */
  long bytes() {
    return files.map(Weights::bytes).orElse(0L);
  }
}
