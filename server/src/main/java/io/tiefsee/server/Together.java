package io.tiefsee.server;

import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Several things at once, on virtual threads. */
final class Together {
  private Together() {}

  /** Does all of them and waits; the first failure counts. */
  static void run(List<Callable<Boolean>> tasks) throws Exception {
    if (tasks.size() == 1) {
      boolean ignored = tasks.getFirst().call();
      return;
    }
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<Boolean> done : threads.invokeAll(tasks)) {
        boolean ignored = done.get();
      }
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }
}
