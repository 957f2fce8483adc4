package io.tiefsee.arena;

import io.tiefsee.tensor.BadInput;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Calls an endpoint until it answers: what may pass (too many requests, faults of the server, a
 * broken connection, half an answer) is tried again after a while that doubles each time, or after
 * what the endpoint asks for. Redirects are not followed, so the key goes nowhere else, and no
 * message has it. Once a call was given up, others that are being tried again give up too.
 * Thread-safe.
 */
final class HttpCaller implements AutoCloseable {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).build();
  private static final Set<Integer> MAY_PASS = Set.of(408, 409, 425, 429, 500, 502, 503, 504, 529);
  private static final String UNREACHABLE = "cannot be reached";
  private static final long MOST_BYTES = 64L << 20;
  private static final int LONGEST_MESSAGE = 300;
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

  /** An endpoint that asks for more patience than this is as good as down. */
  private static final Duration LONGEST_WISH = Duration.ofMinutes(10);

  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .followRedirects(HttpClient.Redirect.NEVER)
          .connectTimeout(Duration.ofSeconds(20))
          .build();

  private final Endpoint endpoint;
  private final Optional<String> key;
  private final Duration firstPause;
  private final Pace pace;
  private volatile boolean down;

  /**
   * @param firstPause before the first repetition
   */
  HttpCaller(Endpoint endpoint, Optional<String> key, Duration firstPause) {
    this.endpoint = endpoint;
    this.key = key;
    this.firstPause = firstPause;
    this.pace = new Pace(endpoint.limits().requestsPerMinute());
  }

  /** How one attempt went. */
  private sealed interface Outcome<T> {
    record Done<T>(T value) implements Outcome<T> {}

    /**
     * @param after what the endpoint asked for
     */
    record Again<T>(String why, Optional<Duration> after) implements Outcome<T> {}

    record Never<T>(String why) implements Outcome<T> {}
  }

  /**
   * Posts a JSON object.
   *
   * @param path below the endpoint's base
   * @param reader makes something of the answer; empty if it is none, which is tried again
   * @throws BadInput if there is no answer to be had
   */
  <T> T post(String path, Object body, Function<JsonNode, Optional<T>> reader)
      throws InterruptedException {
    HttpRequest request =
        request(path)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body)))
            .build();
    return persist(request, reader);
  }

  /**
   * Gets a JSON object; it is no failure if the endpoint has none there.
   *
   * @throws BadInput if the endpoint cannot be reached, or refuses the key
   */
  Optional<JsonNode> get(String path) throws InterruptedException {
    return switch (attempt(request(path).GET().build(), Optional::of)) {
      case Outcome.Done<JsonNode> done -> Optional.of(done.value());
      case Outcome.Again<JsonNode> again when again.why().startsWith(UNREACHABLE) ->
          throw failure(again.why());
      case Outcome.Never<JsonNode> never when never.why().matches("40[13]\\b.*") ->
          throw failure(never.why());
      case Outcome.Again<JsonNode> again -> Optional.empty();
      case Outcome.Never<JsonNode> never -> Optional.empty();
    };
  }

  private HttpRequest.Builder request(String path) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(endpoint.base() + path))
            .header("Accept", "application/json");
    key.ifPresent(k -> request.header("Authorization", "Bearer " + k));
    return request;
  }

  private <T> T persist(HttpRequest request, Function<JsonNode, Optional<T>> reader)
      throws InterruptedException {
    int retries = endpoint.limits().retries();
    for (int attempt = 0; ; attempt++) {
      pace.await();
      switch (attempt(request, reader)) {
        case Outcome.Done<T> done -> {
          return done.value();
        }
        case Outcome.Never<T> never -> {
          down = true;
          throw failure(never.why());
        }
        case Outcome.Again<T> again -> {
          Duration pause = again.after().orElse(pause(attempt));
          if (attempt == retries || down || pause.compareTo(LONGEST_WISH) > 0) {
            down = true;
            throw failure(again.why() + tries(attempt + 1));
          }
          TimeUnit.NANOSECONDS.sleep(pause.toNanos());
        }
      }
    }
  }

  private static String tries(int n) {
    return n == 1 ? "" : " (tried " + n + " times)";
  }

  /** Doubles from one attempt to the next; up to a half at random less, so that crowds part. */
  private Duration pause(int attempt) {
    double millis = firstPause.toMillis() * Math.pow(2, Math.min(attempt, 20));
    millis = Math.min(millis, LONGEST_PAUSE.toMillis());
    return Duration.ofMillis((long) (millis * (1 - ThreadLocalRandom.current().nextDouble() / 2)));
  }

  private <T> Outcome<T> attempt(HttpRequest request, Function<JsonNode, Optional<T>> reader)
      throws InterruptedException {
    HttpResponse<String> response;
    CompletableFuture<HttpResponse<String>> coming =
        client.sendAsync(
            request,
            BodyHandlers.limiting(BodyHandlers.ofString(StandardCharsets.UTF_8), MOST_BYTES));
    try {
      // The request's own time-out would end with the headers.
      response = coming.get(endpoint.limits().timeoutSeconds(), TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      boolean ignored = coming.cancel(true);
      return again("no answer within " + endpoint.limits().timeoutSeconds() + " s");
    } catch (ExecutionException e) {
      return again(trouble(e.getCause()));
    } catch (InterruptedException e) {
      boolean ignored = coming.cancel(true);
      throw e;
    }
    return outcome(response, reader);
  }

  private static String trouble(Throwable e) {
    return switch (e) {
      case ConnectException c -> UNREACHABLE;
      case HttpTimeoutException t -> UNREACHABLE + ": no connection within 20 s";
      case IOException io when io.getCause() instanceof ConnectException -> UNREACHABLE;
      default -> "the connection broke: " + e.getMessage();
    };
  }

  private static <T> Outcome<T> again(String why) {
    return new Outcome.Again<>(why, Optional.empty());
  }

  private <T> Outcome<T> outcome(
      HttpResponse<String> response, Function<JsonNode, Optional<T>> reader) {
    int status = response.statusCode();
    if (status == 200) {
      Optional<JsonNode> json = json(response.body());
      Optional<T> value = json.flatMap(reader);
      return value.isPresent()
          ? new Outcome.Done<>(value.get())
          : again("what came back is no answer: " + oneLine(response.body()));
    }
    JsonNode error = json(response.body()).orElse(JSON.createObjectNode());
    String why = status + ": " + message(error).orElse(oneLine(response.body()));
    // No money left is 429 too, but waiting does not bring any.
    boolean broke = error.toString().contains("insufficient_quota");
    return MAY_PASS.contains(status) && !broke
        ? new Outcome.Again<>(why, wish(response))
        : new Outcome.Never<>(why);
  }

  private static Optional<JsonNode> json(String text) {
    try {
      JsonNode node = JSON.readTree(text);
      return node.isObject() ? Optional.of(node) : Optional.empty();
    } catch (JacksonException e) {
      return Optional.empty();
    }
  }

  /** The text of an error, in the shapes that servers give it. */
  private Optional<String> message(JsonNode body) {
    for (String path : new String[] {"/error/message", "/error", "/message", "/detail"}) {
      String text = body.at(path).asString("");
      if (!text.isEmpty()) {
        return Optional.of(oneLine(text));
      }
    }
    return Optional.empty();
  }

  /** {@code Retry-After}: seconds or a date (RFC 9110, 10.2.3). */
  private static Optional<Duration> wish(HttpResponse<?> response) {
    return response.headers().firstValue("Retry-After").flatMap(HttpCaller::wish);
  }

  static Optional<Duration> wish(String value) {
    try {
      double seconds = Double.parseDouble(value.strip());
      return seconds >= 0 && seconds < 1e9
          ? Optional.of(Duration.ofMillis((long) (1000 * seconds)))
          : Optional.empty();
    } catch (NumberFormatException notSeconds) {
      try {
        Instant then =
            ZonedDateTime.parse(value.strip(), DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
        Duration wait = Duration.between(Instant.now(), then);
        return Optional.of(wait.isNegative() ? Duration.ZERO : wait);
      } catch (DateTimeException notADate) {
        return Optional.empty();
      }
    }
  }

  private String oneLine(String text) {
    String line = text.strip().replaceAll("\\s+", " ");
    if (key.isPresent()) {
      line = line.replace(key.get(), "***");
    }
    line = line.isEmpty() ? "an empty body" : line;
    return line.length() > LONGEST_MESSAGE ? line.substring(0, LONGEST_MESSAGE) + " …" : line;
  }

  private BadInput failure(String why) {
    return new BadInput(endpoint.base() + ": " + why);
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
