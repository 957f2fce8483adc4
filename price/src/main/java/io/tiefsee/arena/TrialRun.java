package io.tiefsee.arena;

import io.tiefsee.eval.Problem;
import io.tiefsee.eval.Verifier;
import io.tiefsee.tensor.BadInput;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Asks what is not in the log yet, several questions at once, and writes each answer into the log
 * when it is judged. What fails or is stopped leaves the log as far as it got, and a further run
 * goes on from there. {@link #stop} may be called from any thread.
 */
public final class TrialRun {
  /** Hears how far a run is. Called by one thread at a time. */
  @FunctionalInterface
  public interface View {
    /**
     * @param done answers there are, those from earlier runs included
     * @param total answers there will be
     * @param correct those that are right so far
     * @param secondsLeft by the pace so far; empty until there is one
     */
    void progress(
        String contestant, int done, int total, int correct, Optional<Double> secondsLeft);
  }

  /** Opens whoever answers; only called if there is something to ask. */
  @FunctionalInterface
  public interface Opener {
    /**
     * @throws BadInput if it cannot be opened
     */
    Answerer open() throws InterruptedException;
  }

  private final TrialLog log;
  private final View view;
  private final List<Thread> workers = new ArrayList<>();
  private boolean stopped;

  public TrialRun(TrialLog log, View view) {
    this.log = log;
    this.view = view;
  }

  /** Gives up the questions under way and asks no more. */
  public synchronized void stop() {
    stopped = true;
    workers.forEach(Thread::interrupt);
  }

  public synchronized boolean isStopped() {
    return stopped;
  }

  /**
   * Asks each problem as often as the contestant needs. Samples of a problem follow each other, so
   * that whoever answers may keep the prompt.
   *
   * @return false if it was stopped before all was asked
   * @throws BadInput what made it impossible to go on; questions under way were waited for
   */
  public boolean ask(Contestant contestant, List<Problem> problems, Opener opener) {
    Round round = new Round(contestant, problems);
    if (round.open.isEmpty() || isStopped()) {
      return round.open.isEmpty();
    }
    try (Answerer answerer = opener.open()) {
      round.run(answerer);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      stop();
    }
    return !isStopped();
  }

  /** Whether all answers of a contestant are in the log. */
  boolean isDone(Contestant contestant, List<Problem> problems) {
    return new Round(contestant, problems).open.isEmpty();
  }

  /** As it is named in logs and tables: {@code countdown:1}. */
  static String taskOf(Problem problem) {
    return problem.task() + ":" + problem.level();
  }

  /** The questions to one contestant. */
  private final class Round {
    private final Contestant contestant;
    private final List<Ask> open = new ArrayList<>();
    private final int total;
    private final AtomicInteger next = new AtomicInteger();
    private final ShareClock clock = new ShareClock(System::nanoTime);
    private int before;
    private int answered;
    private int correct;
    private long began;
    private Optional<RuntimeException> failure = Optional.empty();

    Round(Contestant contestant, List<Problem> problems) {
      this.contestant = contestant;
      this.total = problems.size() * contestant.samples();
      for (Problem problem : problems) {
        for (int sample = 0; sample < contestant.samples(); sample++) {
          plan(Ask.of(problem, sample, contestant.protocol().seed()));
        }
      }
    }

    private void plan(Ask ask) {
      Optional<Trial> there = log.find(key(ask));
      if (there.isPresent()) {
        before++;
        correct += there.get().verdict().correct() ? 1 : 0;
      } else {
        open.add(ask);
      }
    }

    private Trial.Key key(Ask ask) {
      return new Trial.Key(contestant.fingerprint(), ask.problem().id(), ask.sample());
    }

    void run(Answerer answerer) throws InterruptedException {
      answerer.warmUp(open);
      began = System.nanoTime();
      view.progress(contestant.title(), before, total, correct, Optional.empty());
      int n = Math.min(answerer.parallel(), open.size());
      List<Thread> mine = new ArrayList<>();
      for (int i = 0; i < n; i++) {
        mine.add(Thread.ofVirtual().name("trial-" + i).unstarted(() -> work(answerer)));
      }
      synchronized (TrialRun.this) {
        workers.addAll(mine);
      }
      mine.forEach(Thread::start);
      if (isStopped()) {
        stop();
      }
      for (Thread worker : mine) {
        worker.join();
      }
      synchronized (TrialRun.this) {
        workers.removeAll(mine);
      }
      if (failure.isPresent()) {
        throw failure.get();
      }
    }

    /** Takes one question after the other, until there is none or somebody has failed. */
    private void work(Answerer answerer) {
      try {
        for (int i = next.getAndIncrement();
            i < open.size() && goesOn();
            i = next.getAndIncrement()) {
          ask(open.get(i), answerer);
        }
      } catch (InterruptedException e) {
        stop();
      } catch (RuntimeException e) {
        fail(e);
      } catch (Error e) {
        fail(new IllegalStateException(e.toString(), e));
      }
    }

    private synchronized boolean goesOn() {
      return failure.isEmpty() && !isStopped();
    }

    private synchronized void fail(RuntimeException e) {
      failure = failure.or(() -> Optional.of(e));
    }

    private void ask(Ask ask, Answerer answerer) throws InterruptedException {
      double entered = clock.enter();
      double seconds;
      Reply reply;
      try {
        reply = answerer.answer(ask);
      } finally {
        seconds = clock.leave(entered);
      }
      Problem problem = ask.problem();
      done(
          new Trial(
              key(ask),
              contestant.title(),
              taskOf(problem),
              reply,
              Verifier.verify(problem, reply.answer()),
              seconds,
              Instant.now().truncatedTo(ChronoUnit.MILLIS)));
    }

    private synchronized void done(Trial trial) {
      log.add(trial);
      answered++;
      correct += trial.verdict().correct() ? 1 : 0;
      double perAnswer = (System.nanoTime() - began) / 1e9 / answered;
      view.progress(
          contestant.title(),
          before + answered,
          total,
          correct,
          Optional.of(perAnswer * (total - before - answered)));
    }
  }
}
