package io.tiefsee.engine;

import io.tiefsee.kernel.KvLayer;
import io.tiefsee.model.KvCache;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * Brings prefixes from disk into the cache before a request is scheduled, and prompts that are done
 * from the cache to disk. Two threads of its own read and write; the engine's thread only copies.
 * All methods are the engine's thread's, but for {@link #close}.
 */
final class DiskPrefixes {
  /** Pages that are read, but not yet copied into the cache. */
  private static final int READ_AHEAD = 4;

  /** Bytes that are copied from the cache, but not yet written. */
  private static final long WRITE_BEHIND = 64L << 20;

  /** Bytes copied out between two steps, but for the last page: a few milliseconds. */
  private static final long COPIED_AT_ONCE = 8L << 20;

  /** Bounds the pages that wait to be copied out; a prompt beyond is saved at its next use. */
  private static final int MAX_PENDING = 4096;

  /** A prefix on its way from disk. */
  private static final class Load {
    final Sequence first;
    final List<Sequence> followers = new ArrayList<>();

    /** Nothing more shall be read. */
    volatile boolean stopped;

    /** The first has ended meanwhile. */
    boolean without;

    Load(Sequence first) {
      this.first = first;
    }
  }

  private final PrefixStore store;
  private final EngineThread engine;
  private final Scheduler scheduler;
  private final KvPages pages;
  private final KvCache cache;
  private final Counters counters;
  private final Consumer<String> warnings;

  /** By the chain value of the first page that is read. */
  private final Map<Long, Load> loads = new HashMap<>();

  private final ArrayDeque<PrefixFile.Key> pending = new ArrayDeque<>();

  /** Chain values of pages that are pending or being written. */
  private final Set<Long> saving = ConcurrentHashMap.newKeySet();

  private final AtomicLong behind = new AtomicLong();

  /**
   * Rooms that nothing is read into now. They are used again and again, since touching fresh memory
   * would take longer than reading.
   */
  private final BlockingQueue<ByteBuffer> rooms = new ArrayBlockingQueue<>(READ_AHEAD);

  /** The reader's. */
  private int roomsMade;

  private final ExecutorService reader = thread("tiefsee-prefix-reader");
  private final ExecutorService writer = thread("tiefsee-prefix-writer");

  DiskPrefixes(
      PrefixStore store,
      EngineThread engine,
      Scheduler scheduler,
      KvPages pages,
      KvCache cache,
      Counters counters,
      Consumer<String> warnings) {
    this.store = store;
    this.engine = engine;
    this.scheduler = scheduler;
    this.pages = pages;
    this.cache = cache;
    this.counters = counters;
    this.warnings = warnings;
  }

  private static ExecutorService thread(String name) {
    return Executors.newSingleThreadExecutor(
        task -> Thread.ofPlatform().daemon().name(name).unstarted(task));
  }

  /** Gives a request to the scheduler, after what disk has of its prompt is in the cache. */
  void submit(Sequence s) {
    s.sharePrefix(pages);
    List<PrefixFile.Key> wanted = wanted(s);
    if (wanted.isEmpty()) {
      s.releasePages(pages);
      scheduler.add(s);
      return;
    }
    long key = wanted.getFirst().chain();
    Load running = loads.get(key);
    if (running != null) {
      s.releasePages(pages);
      running.followers.add(s);
      return;
    }
    Load load = new Load(s);
    loads.put(key, load);
    reader.execute(() -> read(load, key, wanted));
  }

  /** The pages of a prompt, behind those it has, that disk seems to have. */
  private List<PrefixFile.Key> wanted(Sequence s) {
    List<PrefixFile.Key> keys = new ArrayList<>();
    byte[] scope = KvPages.digest(s.options.scope());
    int n = s.computed() / KvLayer.PAGE;
    while ((n + 1) * KvLayer.PAGE < s.length() && store.has(s.chain(n + 1))) {
      keys.add(s.key(n, scope));
      n++;
    }
    return keys;
  }

  /** On the reader's thread. */
  private void read(Load load, long name, List<PrefixFile.Key> wanted) {
    try {
      readAll(load, wanted);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the engine closes
    } catch (RuntimeException | Error e) {
      warnings.accept("a prefix could not be read from disk: " + e);
    } finally {
      post(() -> end(load, name));
    }
  }

  private void readAll(Load load, List<PrefixFile.Key> wanted) throws InterruptedException {
    while (roomsMade < READ_AHEAD) {
      rooms.put(store.room());
      roomsMade++;
    }
    boolean whole = true;
    for (PrefixFile.Key key : wanted) {
      if (load.stopped) {
        return;
      }
      ByteBuffer room = rooms.take();
      // Behind a gap pages are of no use now, but whether they are sound has to be known: what is
      // not, is deleted and so written anew.
      Optional<ByteBuffer> page = Optional.empty();
      try {
        page = store.read(key, room);
      } finally {
        whole &= page.isPresent();
        if (!whole) {
          rooms.put(room);
        }
      }
      if (whole) {
        ByteBuffer payload = page.get();
        post(() -> arrive(load, payload, room));
      }
    }
  }

  private void post(Runnable command) {
    try {
      engine.post(command);
    } catch (IllegalStateException e) {
      // The engine is closed, and its sequences with it.
    }
  }

  private void arrive(Load load, ByteBuffer page, ByteBuffer room) {
    if (pages.free() == 0) {
      load.stopped = true;
    }
    if (!load.stopped) {
      int to = pages.take();
      cache.writePage(to, MemorySegment.ofBuffer(page));
      load.first.addRestored(to, pages);
      counters.fromDisk(KvLayer.PAGE);
    }
    boolean ignored = rooms.offer(room);
  }

  private void end(Load load, long name) {
    loads.remove(name);
    leave(load);
    load.followers.forEach(this::submit);
  }

  /** Gives the first to the scheduler; its pages are remembered by their contents. */
  private void leave(Load load) {
    if (!load.without) {
      load.without = true;
      load.first.releasePages(pages);
      scheduler.add(load.first);
    }
  }

  /** Requests that wait for their prefix. */
  int loading() {
    int n = 0;
    for (Load load : loads.values()) {
      n += (load.without ? 0 : 1) + load.followers.size();
    }
    return n;
  }

  /** Gives requests that are over to the scheduler, which ends them. */
  void dropOver() {
    if (loads.isEmpty()) {
      return;
    }
    long now = System.nanoTime();
    for (Load load : loads.values()) {
      if (load.first.isOver(now)) {
        load.stopped = true;
        leave(load);
      }
      for (Iterator<Sequence> it = load.followers.iterator(); it.hasNext(); ) {
        Sequence s = it.next();
        if (s.isOver(now)) {
          it.remove();
          scheduler.add(s);
        }
      }
    }
  }

  /** Ends all requests that wait for their prefix. */
  void abort(RuntimeException why) {
    for (Load load : loads.values()) {
      load.stopped = true;
      leave(load);
      load.followers.forEach(s -> scheduler.fail(s, why));
    }
    loads.clear();
  }

  /** A prompt is done: what of it disk lacks shall be written. */
  void promptDone(Sequence s) {
    if (!store.isWriting()) {
      return;
    }
    byte[] scope = KvPages.digest(s.options.scope());
    for (int n = 0; (n + 1) * KvLayer.PAGE <= s.promptLength; n++) {
      PrefixFile.Key key = s.key(n, scope);
      if (!store.has(key.chain())) {
        if (pending.size() < MAX_PENDING && saving.add(key.chain())) {
          pending.add(key);
        }
      } else {
        writer.execute(() -> store.touch(key));
      }
    }
  }

  /** Copies some pages out for the writer; false if there was nothing to do. */
  boolean copySome() {
    long copied = 0;
    while (copied < COPIED_AT_ONCE && !pending.isEmpty() && behind.get() <= WRITE_BEHIND) {
      PrefixFile.Key key = pending.removeFirst();
      int page = pages.find(key.parent(), key.chain(), key.tokens(), 0);
      if (page < 0) {
        saving.remove(key.chain());
      } else {
        byte[] payload = new byte[Math.toIntExact(cache.pageBytes())];
        cache.readPage(page, MemorySegment.ofArray(payload));
        behind.addAndGet(payload.length);
        writer.execute(() -> write(key, payload));
        copied += payload.length;
      }
    }
    return copied > 0;
  }

  private void write(PrefixFile.Key key, byte[] payload) {
    try {
      store.write(key, payload);
    } finally {
      saving.remove(key.chain());
      behind.addAndGet(-payload.length);
      engine.wake();
    }
  }

  /** Bytes of the cache's folder; from any thread. */
  long bytes() {
    return store.bytes();
  }

  /** Copies out what is pending, for so long at most; the engine ends. */
  void flush(long nanos) {
    long begin = System.nanoTime();
    while (!pending.isEmpty() && System.nanoTime() - begin < nanos) {
      if (!copySome()) {
        Thread.onSpinWait(); // for the writer to catch up
      }
    }
  }

  /** Writes what was copied, then ends the threads. */
  void close() {
    reader.shutdownNow();
    writer.shutdown();
    try {
      if (!writer.awaitTermination(1, TimeUnit.MINUTES)) {
        writer.shutdownNow();
      }
    } catch (InterruptedException e) {
      writer.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}
