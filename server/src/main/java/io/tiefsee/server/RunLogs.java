package io.tiefsee.server;

import io.tiefsee.server.ApiException.Kind;
import io.vertx.core.http.HttpMethod;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The logs of training runs, for the page's curves: each folder that holds a {@code log.jsonl} is a
 * run, the served folder itself too. Runs are only read.
 */
final class RunLogs {
  private static final String LOG = "log.jsonl";

  /** A log that was written to within this time belongs to a run that goes on. */
  private static final Duration ALIVE = Duration.ofMinutes(3);

  private static final int MOST_LINES = 5000;
  private static final int TAIL = 64 << 10;

  private final Optional<Path> folder;
  private final Clock clock;

  /**
   * Where the next line of a run begins, so that following a log does not read it from the start.
   */
  private final Map<String, Place> places = new ConcurrentHashMap<>();

  private record Place(long line, long offset) {}

  RunLogs(Optional<Path> folder, Clock clock) {
    this.folder = folder;
    this.clock = clock;
  }

  void addTo(Routes routes) {
    routes
        .own(HttpMethod.GET, "/tiefsee/v1/runs", this::list)
        .own(HttpMethod.GET, "/tiefsee/v1/runs/:name", this::lines);
  }

  /** Runs by name, the one written to last first. */
  private Map<String, Path> runs() throws IOException {
    Map<String, Path> runs = new LinkedHashMap<>();
    if (folder.isEmpty() || !Files.isDirectory(folder.get())) {
      return runs;
    }
    List<Path> logs = new ArrayList<>();
    try (Stream<Path> inside = Files.list(folder.get())) {
      Stream.concat(Stream.of(folder.get()), inside)
          .map(run -> run.resolve(LOG))
          .filter(Files::isRegularFile)
          .forEach(logs::add);
    }
    logs.sort(Comparator.comparing(RunLogs::modified).reversed());
    for (Path log : logs) {
      Path run = log.toAbsolutePath().normalize().getParent();
      runs.putIfAbsent(String.valueOf(run.getFileName()), log);
    }
    return runs;
  }

  private static Instant modified(Path file) {
    try {
      return Files.getLastModifiedTime(file).toInstant();
    } catch (IOException e) {
      return Instant.EPOCH;
    }
  }

  private void list(Exchange exchange) throws IOException, ClientGoneException {
    ObjectNode body = JsonMapper.shared().createObjectNode();
    ArrayNode list = body.putArray("runs");
    for (Map.Entry<String, Path> run : runs().entrySet()) {
      Instant updated = modified(run.getValue());
      list.addObject()
          .put("name", run.getKey())
          .put("stage", lastStage(run.getValue()))
          .put("running", updated.isAfter(clock.instant().minus(ALIVE)))
          .put("updated", updated.truncatedTo(ChronoUnit.SECONDS).toString());
    }
    exchange.json(200, body);
  }

  /** The stage of the last whole line. */
  private static String lastStage(Path log) throws IOException {
    try (SeekableByteChannel file = Files.newByteChannel(log)) {
      long from = Math.max(0, file.size() - TAIL);
      List<String> lines = wholeLines(read(file, from, TAIL));
      for (String line : lines.reversed()) {
        Optional<JsonNode> parsed = parse(line);
        if (parsed.isPresent()) {
          return parsed.get().path("stage").asString("");
        }
      }
      return "";
    }
  }

  private void lines(Exchange exchange) throws IOException, ClientGoneException {
    String name = exchange.param("name").orElse("");
    Path log = runs().get(name);
    if (log == null) {
      throw new ApiException(Kind.NOT_FOUND, "there is no run of the name " + name);
    }
    exchange.json(200, from(name, log, firstLine(exchange)));
  }

  private static long firstLine(Exchange exchange) {
    String said = exchange.param("from").orElse("0");
    try {
      return Math.max(0, Long.parseLong(said));
    } catch (NumberFormatException e) {
      throw ApiException.field(Kind.INVALID, "from", "must be a number of lines, not " + said);
    }
  }

  /** Whole lines from one on; {@code next} is below it where the log has become shorter. */
  private ObjectNode from(String name, Path log, long first) throws IOException {
    ObjectNode body = JsonMapper.shared().createObjectNode();
    List<String> found = new ArrayList<>();
    try (SeekableByteChannel file = Files.newByteChannel(log)) {
      Place start = places.getOrDefault(name, new Place(0, 0));
      if (start.line() != first || start.offset() > file.size()) {
        start = new Place(0, 0);
      }
      byte[] content = read(file, start.offset(), Integer.MAX_VALUE - 8);
      long line = start.line();
      int at = 0;
      for (int end = newline(content, at); end >= 0 && found.size() < MOST_LINES; ) {
        if (line >= first) {
          found.add(new String(content, at, end - at, StandardCharsets.UTF_8));
        }
        line++;
        at = end + 1;
        end = newline(content, at);
      }
      places.put(name, new Place(line, start.offset() + at));
      body.put("next", line);
    }
    ArrayNode lines = body.putArray("lines");
    found.forEach(text -> parse(text).ifPresent(lines::add));
    return body;
  }

  private static byte[] read(SeekableByteChannel file, long from, int most) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(most, Math.max(0, file.size() - from)));
    file.position(from);
    while (buffer.hasRemaining() && file.read(buffer) >= 0) {
      // Until all that was there is read.
    }
    return Arrays.copyOf(buffer.array(), buffer.position());
  }

  private static int newline(byte[] content, int from) {
    for (int i = from; i < content.length; i++) {
      if (content[i] == '\n') {
        return i;
      }
    }
    return -1;
  }

  private static List<String> wholeLines(byte[] content) {
    int end = content.length;
    while (end > 0 && content[end - 1] != '\n') {
      end--;
    }
    return new String(content, 0, end, StandardCharsets.UTF_8).lines().toList();
  }

  /** A line as JSON; empty where it is none, as after a crash in the middle of a line. */
  private static Optional<JsonNode> parse(String line) {
    try {
      JsonNode node = JsonMapper.shared().readTree(line);
      return node.isObject() ? Optional.of(node) : Optional.empty();
    } catch (JacksonException e) {
      return Optional.empty();
    }
  }
}
