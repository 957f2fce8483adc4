package io.tiefsee.cli;

import io.tiefsee.engine.ModelFiles;
import io.tiefsee.kernel.Isa;
import io.tiefsee.kernel.KernelTable;
import io.tiefsee.kernel.Kernels;
import io.tiefsee.tensor.BadInput;
import io.tiefsee.tensor.NativeMemory;
import io.tiefsee.tensor.QuantType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;

/**
 * What begins before the command line is understood, which takes as long as reading a small model's
 * header and vocabulary. It is work that the command would do anyway; what fails here is done once
 * more where it can be reported.
 */
final class HeadStart {
  /** The commands that need kernels. */
  private static final Set<String> COMPUTING =
      Set.of(
          "run",
          "chat",
          "serve",
          "logits",
          "perplexity",
          "bench",
          "doctor",
          "train",
          "eval",
          "arena");

  /** Those among them whose model is opened by {@link ModelOptions#open}. */
  private static final Set<String> ANSWERING = Set.of("run", "chat");

  private static final List<String> MODEL = List.of("-m", "--model");

  private static final Executor RUNNER =
      task -> Thread.ofPlatform().daemon().name("tiefsee-head-start").start(task);

  private record Begun(Path path, CompletableFuture<ModelFiles> files) {}

  private static final AtomicReference<Optional<Begun>> BEGUN =
      new AtomicReference<>(Optional.empty());

  private HeadStart() {}

  /** Begins what the arguments make likely. */
  static void begin(String... args) {
    if (args.length == 0 || !COMPUTING.contains(args[0])) {
      return;
    }
    RUNNER.execute(HeadStart::prepareKernels);
    if (ANSWERING.contains(args[0])) {
      BEGUN.set(model(args).map(HeadStart::read));
    }
  }

  private static Begun read(Path path) {
    return new Begun(path, CompletableFuture.supplyAsync(() -> ModelFiles.open(path), RUNNER));
  }

  /** The file of {@code --model}, where it is named as most people do. */
  static Optional<Path> model(String... args) {
    for (int i = 1; i + 1 < args.length; i++) {
      if (MODEL.contains(args[i])) {
        return file(args[i + 1]);
      }
    }
    return Optional.empty();
  }

  private static Optional<Path> file(String ref) {
    try {
      return Optional.of(Path.of(ref)).filter(Files::isRegularFile);
    } catch (InvalidPathException e) {
      return Optional.empty();
    }
  }

  /**
   * The files of a model, opened unless they are already.
   *
   * @throws BadInput as {@link ModelFiles#open} does
   */
  static ModelFiles files(Path path) {
    Optional<Begun> begun = BEGUN.getAndSet(Optional.empty());
    if (begun.isPresent() && begun.get().path.equals(path)) {
      try {
        return begun.get().files.join();
      } catch (CompletionException e) {
        // It comes again.
        return ModelFiles.open(path);
      }
    }
    return ModelFiles.open(path);
  }

  /** Looks at the processor, links the functions of the system, and makes a table of kernels. */
  private static void prepareKernels() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment ignored = NativeMemory.allocate(arena, 1);
      KernelTable unused = Kernels.forProducts(Isa.best(), Set.of(), QuantType.Q8_ROW);
    } catch (BadInput e) {
      // It comes again.
      return;
    }
  }
}
