package io.tiefsee.price;

import io.tiefsee.engine.Usage;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Shares the machine's energy among requests, in two stages. Each step of an engine gives its time
 * to the requests of its batch by their work; each interval between two readings of the meter gives
 * its energy to the requests by the time they got in it. What the machine drew while no engine
 * computed, and what other programs used, goes to nobody. All parts are whole nanojoules and add up
 * to the meter's total.
 *
 * <p>Thread-safe: engines report steps on their own threads, a timer ticks, any thread asks.
 */
final class EnergyShares {
  /**
   * Reading the weights once takes as long as computing this many tokens of a prompt: at 4.5 bits a
   * weight takes 0.56 B / 24 GB/s = 23 ps to read, and 1 / 110 G/s = 9 ps to multiply and add
   * (docs/PRICE.md). It moves energy within a step only, never the sum.
   */
  static final int WEIGHTS_IN_TOKENS = 3;

  /** Less processor time than this tells too little about who used it: it counts in hundredths. */
  private static final long TELLING_NANOS = 50_000_000;

  /** Less time than this tells too little about what an idle machine draws. */
  private static final long QUIET_NANOS = 500_000_000;

  /** Readings that are kept while a step goes on; at one a second, an hour. */
  private static final int MOST_READINGS = 3600;

  private final MeterChain meter;
  private final boolean learnsIdle;
  private final Supplier<CpuTimes> times;
  private final LongSupplier clock;
  private final Map<Object, Account> accounts = new WeakHashMap<>();
  private final Account nobody = new Account();
  private final List<Account> pending = new ArrayList<>();

  /** The end of the last interval that was shared out, and what was read since. */
  private final ArrayDeque<Reading> readings = new ArrayDeque<>();

  private Reading lastTick;
  private long firstStepBegan = Long.MAX_VALUE;
  private double idleWatts;
  private double ownShare = 1;
  private double watts;

  private record Reading(long nanos, long energy, CpuTimes times) {}

  /**
   * A request's part in a step.
   *
   * @param request told apart by identity, and forgotten when nobody else knows it
   * @param promptTokens of its prompt that were computed
   * @param answerTokens of its answer that were put through
   */
  record Part(Object request, int promptTokens, int answerTokens) {}

  /** Time and energy by phase of one request; guarded by the shares. */
  private static final class Account {
    private final Phase prompt = new Phase();
    private final Phase generation = new Phase();
    private BigDecimal uncertainty = BigDecimal.ZERO;
    private Method method = Method.WALL;

    private long pending() {
      return prompt.pendingNanos + generation.pendingNanos;
    }

    private long nanos() {
      return prompt.nanos + generation.nanos;
    }

    private long energy() {
      return prompt.energy + generation.energy;
    }
  }

  private static final class Phase {
    private long pendingNanos;
    private long nanos;
    private long energy;
    private long idle;
  }

  /**
   * What a request got.
   *
   * @param nanos of engines' time
   */
  record Share(long nanos, Energy energy) {}

  /**
   * @param idleWatts of the machine
   * @param learnsIdle whether a quiet second may show that idle is less
   * @param times who used the processors
   * @param clock in nanoseconds
   */
  EnergyShares(
      MeterChain meter,
      double idleWatts,
      boolean learnsIdle,
      Supplier<CpuTimes> times,
      LongSupplier clock) {
    this.meter = meter;
    this.idleWatts = idleWatts;
    this.learnsIdle = learnsIdle;
    this.times = times;
    this.clock = clock;
    lastTick = read();
    readings.add(lastTick);
  }

  private Reading read() {
    return new Reading(clock.getAsLong(), meter.nanojoules(), times.get());
  }

  /**
   * A step has ended: gives its time to the requests in it. The work of a request is its tokens and
   * an equal part of the reading of the weights.
   *
   * @param nanos that the step took
   */
  synchronized void step(long nanos, List<Part> parts) {
    firstStepBegan = Math.min(firstStepBegan, clock.getAsLong() - nanos);
    if (parts.isEmpty()) {
      charge(nobody, 0, nanos);
      return;
    }
    long work = 0;
    for (Part p : parts) {
      work += (long) parts.size() * (p.promptTokens + p.answerTokens) + WEIGHTS_IN_TOKENS;
    }
    long done = 0;
    for (Part p : parts) {
      long reading = WEIGHTS_IN_TOKENS;
      long prompt = (long) parts.size() * p.promptTokens + (p.answerTokens == 0 ? reading : 0);
      long answer = (long) parts.size() * p.answerTokens + (p.answerTokens == 0 ? 0 : reading);
      long a = nanos * done / work;
      long b = nanos * (done + prompt) / work;
      done += prompt + answer;
      charge(account(p.request), b - a, nanos * done / work - b);
    }
  }

  private Account account(Object request) {
    return accounts.computeIfAbsent(request, r -> new Account());
  }

  private void charge(Account account, long promptNanos, long generationNanos) {
    if (account.pending() == 0 && promptNanos + generationNanos > 0) {
      pending.add(account);
    }
    account.prompt.pendingNanos += promptNanos;
    account.generation.pendingNanos += generationNanos;
  }

  /** To be called each second or so: counters wrap, and watts are shown. */
  synchronized void tick() {
    Reading now = read();
    if (now.nanos > lastTick.nanos) {
      watts = watts(lastTick, now);
    }
    lastTick = now;
    readings.add(now);
    if (!pending.isEmpty()) {
      settle();
    } else if (readings.size() > MOST_READINGS) {
      dropFirst();
    }
  }

  /** Mean power between two readings; nanojoules a nanosecond are watts. */
  private static double watts(Reading from, Reading to) {
    return (to.energy - from.energy) / (double) (to.nanos - from.nanos);
  }

  /** What the machine drew between the first two readings goes to nobody. */
  private void dropFirst() {
    Reading first = readings.removeFirst();
    nobody.generation.energy += readings.getFirst().energy - first.energy;
  }

  /** Of the machine, over the last interval between two ticks. */
  synchronized double watts() {
    return watts;
  }

  /**
   * What a request got up to now.
   *
   * @param usage its times, which have to do where its engine reports no steps
   */
  synchronized Share of(Object request, Usage usage) {
    Account account = account(request);
    if (account.nanos() + account.pending() == 0) {
      firstStepBegan =
          Math.min(firstStepBegan, clock.getAsLong() - usage.promptNanos() - usage.generateNanos());
      charge(account, usage.promptNanos(), usage.generateNanos());
    }
    readings.add(read());
    settle();
    Phase p = account.prompt;
    Phase g = account.generation;
    return new Share(
        account.nanos(),
        new Energy(
            account.energy() == 0 ? meter.method() : account.method,
            joules(p.energy),
            joules(g.energy),
            joules(account.energy() - p.idle - g.idle),
            Money.plain(account.uncertainty.setScale(9, RoundingMode.HALF_EVEN))));
  }

  private static BigDecimal joules(long nanojoules) {
    return Money.plain(BigDecimal.valueOf(nanojoules, 9));
  }

  /** Shares out what was counted up to the last reading. */
  private void settle() {
    Reading end = readings.getLast();
    Reading begin = skipQuiet();
    long nanos = Math.max(1, end.nanos - begin.nanos);
    long energy = end.energy - begin.energy;
    long busy = 0;
    for (Account a : pending) {
      busy += a.pending();
    }
    learnWho(begin, end);
    long idle = Math.min(energy, (long) (idleWatts * nanos));
    long active = (long) ((energy - idle) * ownShare);
    long idleInSteps = (long) (idle * Math.min(1.0, busy / (double) nanos));
    nobody.generation.energy += energy;
    if (busy > 0) {
      nobody.generation.energy -= active + idleInSteps;
      share(active, idleInSteps, busy);
    }
    pending.clear();
    firstStepBegan = Long.MAX_VALUE;
    readings.clear();
    readings.add(end);
  }

  /** What was read before the first step began goes to nobody; returns the last such reading. */
  private Reading skipQuiet() {
    while (readings.size() > 2) {
      Reading first = readings.removeFirst();
      Reading second = readings.getFirst();
      readings.addFirst(first);
      if (second.nanos > firstStepBegan) {
        break;
      }
      if (learnsIdle && second.nanos - first.nanos >= QUIET_NANOS) {
        idleWatts = Math.min(idleWatts, watts(first, second));
      }
      dropFirst();
    }
    return readings.getFirst();
  }

  private void learnWho(Reading begin, Reading end) {
    long busy = end.times.busy() - begin.times.busy();
    if (busy >= TELLING_NANOS) {
      long own = end.times.own() - begin.times.own();
      ownShare = Math.clamp(own / (double) busy, 0.0, 1.0);
    }
  }

  /** By the time that each account got, so that no nanojoule is lost. */
  private void share(long active, long idle, long busy) {
    long done = 0;
    for (Account a : pending) {
      BigDecimal relative = meter.method().uncertainty();
      long before = a.energy();
      done = share(a.prompt, active, idle, done, busy);
      done = share(a.generation, active, idle, done, busy);
      long got = a.energy() - before;
      a.uncertainty = a.uncertainty.add(BigDecimal.valueOf(got, 9).multiply(relative));
      a.method = a.method.weaker(meter.method());
    }
  }

  private static long share(Phase p, long active, long idle, long done, long busy) {
    long end = done + p.pendingNanos;
    long idlePart = part(idle, end, busy) - part(idle, done, busy);
    p.energy += part(active, end, busy) - part(active, done, busy) + idlePart;
    p.idle += idlePart;
    p.nanos += p.pendingNanos;
    p.pendingNanos = 0;
    return end;
  }

  /** whole · part / all, rounded down; the product may need more than 64 bits. */
  private static long part(long whole, long part, long all) {
    return BigInteger.valueOf(whole)
        .multiply(BigInteger.valueOf(part))
        .divide(BigInteger.valueOf(all))
        .longValueExact();
  }

  /** Nanojoules that no request has to bear. */
  synchronized long unattributed() {
    return nobody.energy();
  }

  /** Nanojoules that were shared out or went to nobody so far. */
  synchronized long total() {
    return readings.getFirst().energy;
  }
}
