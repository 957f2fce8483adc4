package io.tiefsee.server;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Splits the text of an answer into text and calls of functions while it arrives. Arguments are
 * given on as they come. What turns out to be no call is text. White space around calls goes.
 *
 * <p>Not thread-safe; one parser an answer.
 */
final class ToolCallParser {
  private static final Pattern DEEPSEEK_HEAD =
      Pattern.compile(
          "\\s*(?:function<｜tool▁sep｜>)?([\\w.-]+)(?:\\s*```json\\s*|<｜tool▁sep｜>\\s*)(?=\\{)");

  private static final Pattern JSON_HEAD =
      Pattern.compile(
          "\\s*\\{\\s*\"name\"\\s*:\\s*\"([^\"\\\\]+)\"\\s*,"
              + "\\s*\"(?:arguments|parameters)\"\\s*:\\s*(?=\\{)");

  private enum State {
    TEXT,
    /** Behind a call's opening, before its arguments. */
    HEAD,
    ARGUMENTS,
    /** Behind the arguments, before the call's end. */
    TAIL
  }

  private final ToolFormat format;
  private final Set<String> names;
  private final List<String> markers;
  private final StringBuilder held = new StringBuilder();
  private State state = State.TEXT;
  private String opener = "";
  private JsonSpan span = new JsonSpan();
  private int calls;

  /** Whether a call without an opening tag may begin here. */
  private boolean bare;

  /**
   * @param names of the functions there are
   */
  ToolCallParser(ToolFormat format, Set<String> names) {
    this.format = format;
    this.names = names;
    this.bare = format == ToolFormat.LLAMA;
    this.markers = Stream.concat(format.openers().stream(), format.dropped().stream()).toList();
  }

  /** Takes more of the text; gives what became certain. */
  List<AnswerPart> feed(String text) {
    held.append(text);
    List<AnswerPart> parts = new ArrayList<>();
    while (step(parts)) {}
    return parts;
  }

  /** The end of the text: gives what was held back. */
  List<AnswerPart> finish() {
    List<AnswerPart> parts = new ArrayList<>();
    String rest = held.toString();
    switch (state) {
      case TEXT -> text(calls > 0 ? rest.stripTrailing() : rest, parts);
      case HEAD -> text(opener + rest, parts);
      case ARGUMENTS, TAIL -> {}
    }
    held.setLength(0);
    return parts;
  }

  private static void text(String text, List<AnswerPart> parts) {
    if (!text.isEmpty()) {
      parts.add(new AnswerPart.Text(text));
    }
  }

  /** One step; false if more text is needed. */
  private boolean step(List<AnswerPart> parts) {
    return switch (state) {
      case TEXT -> inText(parts);
      case HEAD -> inHead(parts);
      case ARGUMENTS -> inArguments(parts);
      case TAIL -> inTail();
    };
  }

  private boolean inText(List<AnswerPart> parts) {
    if (bare && beginsBare()) {
      return true;
    }
    int at = -1;
    String found = "";
    for (String marker : markers) {
      int i = held.indexOf(marker);
      if (i >= 0 && (at < 0 || i < at)) {
        at = i;
        found = marker;
      }
    }
    if (at < 0) {
      giveCertain(parts);
      return false;
    }
    text(held.substring(0, at).stripTrailing(), parts);
    held.delete(0, at + found.length());
    if (format.openers().contains(found)) {
      opener = found;
      state = State.HEAD;
    }
    return true;
  }

  /** A call without a tag: a brace is the first thing to be seen, or follows a call. */
  private boolean beginsBare() {
    int first = firstVisible();
    if (first < held.length() && held.charAt(first) == '{') {
      held.delete(0, first);
      opener = "";
      state = State.HEAD;
      return true;
    }
    boolean mayBeMarker = markers.stream().anyMatch(m -> m.startsWith(held.substring(first)));
    bare = first == held.length() || mayBeMarker || held.indexOf("<|python_tag|>") >= 0;
    return false;
  }

  private int firstVisible() {
    int i = 0;
    while (i < held.length()
        && (Character.isWhitespace(held.charAt(i)) || calls > 0 && held.charAt(i) == ';')) {
      i++;
    }
    return i;
  }

  /** Gives the text up to what may be white space before a call, or the beginning of a tag. */
  private void giveCertain(List<AnswerPart> parts) {
    int certain = held.length();
    for (String marker : markers) {
      for (int n = Math.min(marker.length() - 1, held.length()); n > 0; n--) {
        if (marker.startsWith(held.substring(held.length() - n))) {
          certain = Math.min(certain, held.length() - n);
          break;
        }
      }
    }
    while (certain > 0 && Character.isWhitespace(held.charAt(certain - 1))) {
      certain--;
    }
    if (certain > 0 && !bare) {
      text(held.substring(0, certain), parts);
      held.delete(0, certain);
    }
  }

  private boolean inHead(List<AnswerPart> parts) {
    boolean tagged = format.isDeepSeek();
    Matcher head = (tagged ? DEEPSEEK_HEAD : JSON_HEAD).matcher(held);
    if (head.lookingAt() && known(head.group(1))) {
      begin(head.group(1), parts);
      held.delete(0, head.end());
      span = new JsonSpan();
      state = State.ARGUMENTS;
      return true;
    }
    int end = tagged ? held.indexOf(format.closer()) : objectEnd();
    if (end < 0) {
      return false;
    }
    if (tagged || !wholeCall(held.substring(0, end), parts)) {
      text(opener + held.substring(0, end), parts);
      held.delete(0, end);
      bare = false;
      state = State.TEXT;
    } else {
      // What is left of the call is its end.
      held.delete(0, format == ToolFormat.LLAMA ? end - 1 : end);
      state = State.TAIL;
    }
    return true;
  }

  /** Where the object that the call consists of ends, or the text that is none; -1: not yet. */
  private int objectEnd() {
    int first = firstVisible();
    if (first == held.length()) {
      return -1;
    }
    if (held.charAt(first) != '{') {
      return first + 1;
    }
    JsonSpan whole = new JsonSpan();
    int end = whole.read(held, first);
    return whole.isComplete() ? end : -1;
  }

  private boolean known(String name) {
    return format != ToolFormat.LLAMA || names.contains(name);
  }

  /** A call whose members come in another order; false if it is none. */
  private boolean wholeCall(String json, List<AnswerPart> parts) {
    JsonNode node;
    try {
      node = JsonMapper.shared().readTree(json);
    } catch (JacksonException e) {
      return false;
    }
    JsonNode name = node.path("name");
    JsonNode arguments = node.has("arguments") ? node.path("arguments") : node.path("parameters");
    if (!name.isString() || !known(name.stringValue())) {
      return false;
    }
    begin(name.stringValue(), parts);
    String text = arguments.isString() ? arguments.stringValue() : arguments.toString();
    parts.add(new AnswerPart.Arguments(calls - 1, arguments.isMissingNode() ? "{}" : text));
    return true;
  }

  private void begin(String name, List<AnswerPart> parts) {
    String id = "call_" + UUID.randomUUID().toString().replace("-", "").substring(0, 24);
    parts.add(new AnswerPart.Call(calls++, id, name));
  }

  private boolean inArguments(List<AnswerPart> parts) {
    int end = span.read(held, 0);
    if (end > 0) {
      parts.add(new AnswerPart.Arguments(calls - 1, held.substring(0, end)));
      held.delete(0, end);
    }
    if (!span.isComplete()) {
      return false;
    }
    state = State.TAIL;
    return true;
  }

  private boolean inTail() {
    int end = held.indexOf(format.closer());
    if (end < 0) {
      return false;
    }
    held.delete(0, end + format.closer().length());
    bare = format == ToolFormat.LLAMA;
    state = State.TEXT;
    return true;
  }
}
