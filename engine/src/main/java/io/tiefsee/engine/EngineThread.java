package io.tiefsee.engine;

import io.tiefsee.model.Batch;
import io.tiefsee.model.ModelSpec;
import io.tiefsee.tensor.BadInput;
import io.tiefsee.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntPredicate;

/**
 * The thread {@code tiefsee-engine}: owns the scheduler, the pages, the scratch memory and the
 * kernels' thread team. Commands reach it through a queue, between two steps; so there are no locks
 * in between. It sleeps when there is nothing to do.
 */
final class EngineThread {
  /** How often waiting requests are looked at for their time-outs while nothing runs. */
  private static final long WAITING_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  /** How long a closing engine copies out prefixes that are not on disk yet. */
  private static final long FLUSH_NANOS = TimeUnit.SECONDS.toNanos(2);

  /** Leaves a pass whose result nobody wants any more. */
  private static final class InVain extends RuntimeException {
    private static final long serialVersionUID = 1;

    InVain() {
      super("nobody wants the result", null, false, false);
    }
  }

  private static final InVain IN_VAIN = new InVain();

  private final EngineOptions options;
  private final ModelRunner model;
  private final KvPages pages;
  private final Counters counters;
  private final Scheduler scheduler;
  private final Chooser chooser;
  private final Optional<DiskPrefixes> disk;
  private final Batch batch = new Batch();
  private final StepReport report = new StepReport();
  private final ConcurrentLinkedQueue<Runnable> inbox = new ConcurrentLinkedQueue<>();
  private final Thread thread;
  private int layersDone;
  private volatile StepListener[] listeners;
  private volatile boolean closed;

  /**
   * @param store empty where prefixes are kept in memory only
   */
  EngineThread(
      ModelRunner model,
      EngineOptions options,
      IntPredicate endOfGeneration,
      Optional<PrefixStore> store) {
    this.model = model;
    this.options = options;
    ModelSpec spec = model.transformer.spec();
    Pacer pacer = new Pacer(options.maxBatchTokens(), Pacer.leastAlone(spec));
    pages = new KvPages(model.cache.pages());
    counters = new Counters(options.maxSequences(), pages.total());
    scheduler =
        new Scheduler(
            pages, model.cache, model.contextLength, options, pacer, endOfGeneration, counters);
    chooser =
        new Chooser(
            model.parallel, model.kernels.ops(), spec.vocab(), model.transformer.weights().norm());
    listeners =
        options.steps() == StepListener.NONE
            ? new StepListener[0]
            : new StepListener[] {options.steps()};
    disk =
        store.map(s ->
            new DiskPrefixes(s, this, scheduler, pages, model.cache, counters, options.warnings()));
    model.onLayer(this::layerDone);
    thread = Thread.ofPlatform().daemon().name("tiefsee-engine").start(this::loop);
  }

  KvPages pages() {
    return pages;
  }

  Scheduler scheduler() {
    return scheduler;
  }

  synchronized void addListener(StepListener listener) {
    StepListener[] more = Arrays.copyOf(listeners, listeners.length + 1);
    more[listeners.length] = listener;
    listeners = more;
  }

  EngineStatus status() {
    return counters.status(System.nanoTime(), disk.map(DiskPrefixes::bytes).orElse(0L));
  }

  void submit(Sequence s) {
    counters.submitted();
    post(() -> {
      try {
        disk.ifPresentOrElse(d -> d.submit(s), () -> scheduler.add(s));
      } catch (RuntimeException e) {
        scheduler.fail(s, e);
      }
    });
  }

  /**
   * Runs a command between two steps.
   *
   * @throws IllegalStateException if the engine is closed
   */
  void post(Runnable command) {
    synchronized (inbox) {
      if (closed) {
        throw new IllegalStateException("the engine is closed");
      }
      inbox.add(command);
    }
    wake();
  }

  /** As {@link #post}, and waits for its end; throws what the command throws. */
  void call(Runnable command) {
    CompletableFuture<Boolean> done = new CompletableFuture<>();
    post(() -> {
      try {
        command.run();
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
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException r
          ? r
          : new IllegalStateException(e.getCause());
    }
  }

  void wake() {
    LockSupport.unpark(thread);
  }

  private void loop() {
    while (!closed) {
      drainInbox();
      try {
        disk.ifPresent(DiskPrefixes::dropOver);
        boolean worked = step();
        worked |= disk.isPresent() && disk.get().copySome();
        counters.pagesFree(pages.free());
        if (!worked && inbox.isEmpty() && !closed) {
          sleep();
        }
      } catch (RuntimeException | Error e) {
        abort(new IllegalStateException("the engine failed: " + e.getMessage(), e));
      }
    }
    drainInbox();
    disk.ifPresent(d -> d.flush(FLUSH_NANOS));
    abort(new IllegalStateException("the engine was closed"));
  }

  private void abort(RuntimeException why) {
    disk.ifPresent(d -> d.abort(why));
    scheduler.abort(why);
  }

  private int waiting() {
    return scheduler.waiting() + (disk.isPresent() ? disk.get().loading() : 0);
  }

  private void sleep() {
    if (waiting() > 0) {
      LockSupport.parkNanos(this, WAITING_NANOS);
    } else {
      LockSupport.park(this);
    }
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
    long begin = System.nanoTime();
    layersDone = 0;
    List<Sequence> owners = scheduler.logitOwners();
    try {
      Tensor logits = model.logits(batch);
      chooser.run(logits, owners);
    } catch (InVain e) {
      tell(scheduler.scheduled(), System.nanoTime() - begin);
      return true;
    }
    long nanos = System.nanoTime() - begin;
    tell(scheduler.scheduled(), nanos);
    scheduler.stepDone(batch.size(), nanos);
    if (disk.isPresent()) {
      promptsDone(disk.get(), owners);
    }
    for (int row = 0; row < owners.size(); row++) {
      if (chooser.failed(row)) {
        scheduler.fail(owners.get(row), chooser.failure(row));
      } else {
        scheduler.accept(owners.get(row), chooser.offer(row));
      }
    }
    return true;
  }

  private static void promptsDone(DiskPrefixes disk, List<Sequence> owners) {
    for (int i = 0; i < owners.size(); i++) {
      if (owners.get(i).generated() == 0) {
        disk.promptDone(owners.get(i));
      }
    }
  }

  private void tell(List<Sequence> sequences, long nanos) {
    StepListener[] all = listeners;
    if (all.length > 0) {
      report.set(sequences, nanos);
      for (StepListener listener : all) {
        listener.stepDone(report);
      }
    }
  }

  /** Runs a pass that is no request's; within {@link #call}. */
  void pass(Runnable work) {
    long begin = System.nanoTime();
    scheduler.scheduled().clear();
    try {
      work.run();
    } finally {
      tell(scheduler.scheduled(), System.nanoTime() - begin);
    }
  }

  /** Leaves a pass in vain; reports how far a prompt is, while nothing else runs. */
  private void layerDone() {
    List<Sequence> scheduled = scheduler.scheduled();
    if (closed || (!scheduled.isEmpty() && scheduler.stepIsInVain())) {
      throw scheduled.isEmpty() ? new IllegalStateException("the engine was closed") : IN_VAIN;
    }
    layersDone++;
    Optional<Sequence> only = scheduler.onlyPrompt();
    if (only.isPresent()) {
      Sequence s = only.get();
      long layers = model.transformer.spec().layers();
      long before = s.computed() - batch.size();
      options
          .progress()
          .report(
              "prompt",
              before * layers + (long) batch.size() * layersDone,
              s.promptLength * layers);
    }
  }

  /** Ends the thread and all that runs, and waits for it; false if that was done before. */
  boolean close() {
    synchronized (inbox) {
      if (closed) {
        return false;
      }
      closed = true;
    }
    wake();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    disk.ifPresent(DiskPrefixes::close);
    return true;
  }
}
