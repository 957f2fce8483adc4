package io.tiefsee.engine;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * The requests that wait. Higher priorities go first; within a priority those that had to give way
 * go before new ones, then the scopes take turns, each with its oldest request. Owned by the
 * engine's thread.
 */
final class RequestQueue {
  /** Requests of one priority. */
  private static final class Lane {
    /** Those that ran before, the oldest first. */
    final ArrayDeque<Sequence> again = new ArrayDeque<>();

    /** New ones by scope; the scope whose turn it is comes first. */
    final Map<String, ArrayDeque<Sequence>> scopes = new LinkedHashMap<>();

    boolean isEmpty() {
      return again.isEmpty() && scopes.isEmpty();
    }
  }

  private final TreeMap<Integer, Lane> lanes = new TreeMap<>(Comparator.reverseOrder());
  private int size;
  private boolean changed;

  void add(Sequence s) {
    Lane lane = lanes.computeIfAbsent(s.options.priority(), p -> new Lane());
    lane.scopes.computeIfAbsent(s.options.scope(), x -> new ArrayDeque<>()).addLast(s);
    size++;
    changed = true;
  }

  /** Takes back a sequence that had to give way; the last one given back goes first. */
  void addAgain(Sequence s) {
    lanes.computeIfAbsent(s.options.priority(), p -> new Lane()).again.addFirst(s);
    size++;
    changed = true;
  }

  int size() {
    return size;
  }

  /** Whose turn it is. */
  Optional<Sequence> first() {
    if (size == 0) {
      return Optional.empty();
    }
    Lane lane = lanes.firstEntry().getValue();
    return Optional.of(
        lane.again.isEmpty()
            ? lane.scopes.values().iterator().next().getFirst()
            : lane.again.getFirst());
  }

  /** Removes {@link #first()}; then it is another scope's turn. */
  void removeFirst() {
    Lane lane = lanes.firstEntry().getValue();
    if (!lane.again.isEmpty()) {
      lane.again.removeFirst();
    } else {
      var first = lane.scopes.entrySet().iterator().next();
      String scope = first.getKey();
      ArrayDeque<Sequence> own = first.getValue();
      own.removeFirst();
      lane.scopes.remove(scope);
      if (!own.isEmpty()) {
        lane.scopes.put(scope, own);
      }
    }
    if (lane.isEmpty()) {
      lanes.pollFirstEntry();
    }
    size--;
    changed = true;
  }

  /** Removes all that fulfil a condition, and gives them. */
  List<Sequence> removeIf(Predicate<Sequence> condition) {
    List<Sequence> removed = List.of();
    for (Iterator<Lane> l = lanes.values().iterator(); l.hasNext(); ) {
      Lane lane = l.next();
      removed = removeIf(lane.again, condition, removed);
      for (Iterator<ArrayDeque<Sequence>> q = lane.scopes.values().iterator(); q.hasNext(); ) {
        ArrayDeque<Sequence> own = q.next();
        removed = removeIf(own, condition, removed);
        if (own.isEmpty()) {
          q.remove();
        }
      }
      if (lane.isEmpty()) {
        l.remove();
      }
    }
    if (!removed.isEmpty()) {
      size -= removed.size();
      changed = true;
    }
    return removed;
  }

  private static List<Sequence> removeIf(
      ArrayDeque<Sequence> from, Predicate<Sequence> condition, List<Sequence> removed) {
    List<Sequence> all = removed;
    for (Iterator<Sequence> it = from.iterator(); it.hasNext(); ) {
      Sequence s = it.next();
      if (condition.test(s)) {
        it.remove();
        all = all.isEmpty() ? new ArrayList<>() : all;
        all.add(s);
      }
    }
    return all;
  }

  /** Tells all, where something has changed, the place at which they would be served. */
  void tellPlaces() {
    if (!changed) {
      return;
    }
    changed = false;
    int place = 1;
    for (Lane lane : lanes.values()) {
      for (Sequence s : lane.again) {
        s.generation.queuePosition(place++);
      }
      List<Iterator<Sequence>> turns = new ArrayList<>();
      lane.scopes.values().forEach(q -> turns.add(q.iterator()));
      while (!turns.isEmpty()) {
        for (Iterator<Iterator<Sequence>> t = turns.iterator(); t.hasNext(); ) {
          Iterator<Sequence> own = t.next();
          own.next().generation.queuePosition(place++);
          if (!own.hasNext()) {
            t.remove();
          }
        }
      }
    }
  }
}
