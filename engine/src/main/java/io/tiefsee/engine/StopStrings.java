package io.tiefsee.engine;

import java.util.List;
import java.util.Optional;

/** Watches a text for the strings that end it; holds back what may be the beginning of one. */
final class StopStrings {
  private final List<String> stops;
  private final StringBuilder held = new StringBuilder();
  private Optional<String> hit = Optional.empty();

  StopStrings(List<String> stops) {
    this.stops = stops;
  }

  /** Takes more of the text; gives what is certainly before any stop string. */
  String feed(String text) {
    if (hit.isPresent()) {
      return "";
    }
    if (stops.isEmpty()) {
      return text;
    }
    held.append(text);
    int first = -1;
    for (String stop : stops) {
      int at = held.indexOf(stop);
      if (at >= 0 && (first < 0 || at < first)) {
        first = at;
        hit = Optional.of(stop);
      }
    }
    if (first >= 0) {
      return held.substring(0, first);
    }
    int certain = held.length();
    for (String stop : stops) {
      for (int n = Math.min(stop.length() - 1, held.length()); n > 0; n--) {
        if (stop.startsWith(held.substring(held.length() - n))) {
          certain = Math.min(certain, held.length() - n);
          break;
        }
      }
    }
    String out = held.substring(0, certain);
    held.delete(0, certain);
    return out;
  }

  /** The end of the text: gives what was held back. */
  String finish() {
    String rest = hit.isPresent() ? "" : held.toString();
    held.setLength(0);
    return rest;
  }

  /** The string that came up. */
  Optional<String> hit() {
    return hit;
  }
}
