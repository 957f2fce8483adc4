package io.tiefsee.server;

import io.netty.channel.ChannelFuture;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.impl.ConnectionBase;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Ends connections whose client is too slow: one that has no request under way, or has not sent all
 * of one, for too long. Bytes that trickle in do not count, only whole requests do. Connections
 * that wait for an answer may wait as long as it takes. Used on the event loop only.
 */
final class Connections implements AutoCloseable {
  /** When a connection began to wait for its client, and how many answers it waits for. */
  private static final class State {
    private long since = System.nanoTime();
    private int receiving;
    private int answering;
  }

  private final Map<HttpConnection, State> states = new ConcurrentHashMap<>();
  private final Vertx vertx;
  private final Duration limit;
  private final long timer;

  Connections(Vertx vertx, Duration limit) {
    this.vertx = vertx;
    this.limit = limit;
    long millis = Math.clamp(limit.toMillis() / 4, 50, 1000);
    this.timer = vertx.setPeriodic(millis, id -> sweep());
  }

  void add(HttpConnection connection) {
    states.put(connection, new State());
    connection.closeHandler(v -> states.remove(connection));
    if (connection instanceof ConnectionBase base) {
      base.channelHandlerContext().pipeline().addFirst(new ReadAhead());
    }
  }

  /** The head of a request has arrived. */
  void began(HttpServerRequest request) {
    State state = states.get(request.connection());
    if (state == null) {
      return;
    }
    state.receiving++;
    state.answering++;
    state.since = System.nanoTime();
    request
        .end()
        .onComplete(r -> {
          state.receiving--;
          state.since = System.nanoTime();
        });
    request
        .response()
        .endHandler(v -> {
          state.answering--;
          state.since = System.nanoTime();
        });
  }

  /** How many there are; from any thread. */
  int count() {
    return states.size();
  }

  /**
   * Ends a connection at once. Vert.x's own close lets what is written be taken first, which a
   * client that does not read never does; so the close starts beneath its handler.
   */
  static void cutOff(HttpConnection connection) {
    if (connection instanceof ConnectionBase base) {
      ChannelFuture ignored = base.channelHandlerContext().close();
    } else {
      Future<Void> ignored = connection.close();
    }
  }

  private void sweep() {
    long now = System.nanoTime();
    states.forEach((connection, state) -> {
      boolean waitsForClient = state.receiving > 0 || state.answering == 0;
      if (waitsForClient && now - state.since > limit.toNanos()) {
        cutOff(connection);
      }
    });
  }

  @Override
  public void close() {
    boolean ignored = vertx.cancelTimer(timer);
  }
}
