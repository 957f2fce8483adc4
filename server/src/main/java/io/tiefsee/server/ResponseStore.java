package io.tiefsee.server;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Responses that can be read again and gone on from: in memory, as many as fit, those used longest
 * ago go first. Each caller sees its own. Thread-safe.
 */
final class ResponseStore {
  static final int MAX_ENTRIES = 4096;
  static final long MAX_BYTES = 64L << 20;

  /**
   * A response that is kept.
   *
   * @param response as it was given
   * @param input the items that were asked, each with an id
   * @param messages the conversation up to and with the response, without instructions
   */
  record Stored(
      Caller caller, ObjectNode response, ArrayNode input, List<Map<String, Object>> messages) {
    private long bytes() {
      return (long) response.toString().length()
          + input.toString().length()
          + JsonMapper.shared().writeValueAsString(messages).length();
    }
  }

  private record Entry(Stored stored, long bytes) {}

  private final int maxEntries;
  private final long maxBytes;
  private final LinkedHashMap<String, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);
  private long bytes;

  ResponseStore(int maxEntries, long maxBytes) {
    this.maxEntries = maxEntries;
    this.maxBytes = maxBytes;
  }

  /** Keeps a response under the id that it has. */
  void put(Stored stored) {
    long size = stored.bytes();
    synchronized (this) {
      entries.put(id(stored.response()), new Entry(stored, size));
      bytes += size;
      var oldest = entries.entrySet().iterator();
      while (entries.size() > maxEntries || bytes > maxBytes) {
        bytes -= oldest.next().getValue().bytes();
        oldest.remove();
      }
    }
  }

  private static String id(JsonNode response) {
    return response.path("id").stringValue();
  }

  /** The caller's response of an id. */
  synchronized Optional<Stored> get(String id, Caller caller) {
    return Optional.ofNullable(entries.get(id))
        .map(Entry::stored)
        .filter(s -> s.caller().name().equals(caller.name()));
  }

  /** Forgets the caller's response of an id; false if there was none. */
  synchronized boolean remove(String id, Caller caller) {
    if (get(id, caller).isEmpty()) {
      return false;
    }
    bytes -= entries.remove(id).bytes();
    return true;
  }
}
