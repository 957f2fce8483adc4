package io.tiefsee.grammar;

import io.tiefsee.tensor.BadInput;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Follows a grammar byte by byte. A {@link State} stands for everything that may come next: the set
 * of places in the network, each with the stack of rules to go back to. States are made when they
 * are first reached and remember their successors, so that what repeats (the inside of a string,
 * say) costs one look-up a byte.
 *
 * <p>Not thread-safe.
 */
final class ByteMatcher {
  /** States that are remembered; beyond them the memory starts anew. */
  private static final int MAX_STATES = 1 << 14;

  /** Places at once, above which a grammar is hopelessly ambiguous. */
  private static final int MAX_PLACES = 1 << 14;

  /** A stack of nodes to go on at; the root's is {@link #BOTTOM}. Equal ones are one object. */
  private static final class Stack {
    final int node;
    final int id;
    final Stack below;

    Stack(int node, int id, Stack below) {
      this.node = node;
      this.id = id;
      this.below = below;
    }

    Stack() {
      node = -1;
      id = 0;
      below = this;
    }
  }

  private static final Stack BOTTOM = new Stack();

  private record Place(int node, Stack stack) {
    long key() {
      return ((long) stack.id << 32) | node;
    }
  }

  /** Everything that may come next. */
  static final class State {
    private final List<Place> places;
    private final boolean accepting;
    private final State[] next = new State[256];

    /** What a {@link TokenMatcher} knows of this state; empty until it asks. */
    long[] tokens = {};

    State(List<Place> places, boolean accepting) {
      this.places = places;
      this.accepting = accepting;
    }

    /** Whether the text may end here. */
    boolean accepting() {
      return accepting;
    }

    /** Whether nothing can follow. */
    boolean dead() {
      return places.isEmpty();
    }
  }

  private record Key(long[] places, boolean accepting) {
    @Override
    public boolean equals(Object o) {
      return o instanceof Key k && k.accepting == accepting && Arrays.equals(k.places, places);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(places) * 2 + (accepting ? 1 : 0);
    }
  }

  private final Automaton automaton;
  private final Map<Long, Stack> stacks = new HashMap<>();
  private final Map<Key, State> states = new HashMap<>();
  private final State start;

  ByteMatcher(Grammar grammar) {
    automaton = new Automaton(grammar);
    start = state(List.of(new Place(automaton.root(), BOTTOM)));
  }

  /** Before the first byte. */
  State start() {
    return start;
  }

  /** After one more byte, 0 to 255. */
  State next(State from, int b) {
    State known = from.next[b];
    if (known != null) {
      return known;
    }
    List<Place> reached = new ArrayList<>();
    for (Place p : from.places) {
      int[] edges = automaton.bytes(p.node);
      for (int i = 0; i < edges.length; i += 3) {
        if (edges[i] <= b && b <= edges[i + 1]) {
          reached.add(new Place(edges[i + 2], p.stack));
        }
      }
    }
    State to = state(reached);
    from.next[b] = to;
    return to;
  }

  /** The state of all places that are reached from these without reading. */
  private State state(List<Place> from) {
    Set<Long> seen = new HashSet<>();
    List<Place> open = new ArrayList<>(from);
    List<Place> readers = new ArrayList<>();
    boolean accepting = false;
    while (!open.isEmpty()) {
      Place p = open.removeLast();
      if (!seen.add(p.key())) {
        continue;
      }
      if (seen.size() > MAX_PLACES) {
        throw new BadInput("the grammar is too ambiguous: too many ways to read the same text");
      }
      if (automaton.bytes(p.node).length > 0) {
        readers.add(p);
      }
      for (int target : automaton.empty(p.node)) {
        open.add(new Place(target, p.stack));
      }
      int[] calls = automaton.calls(p.node);
      for (int i = 0; i < calls.length; i += 2) {
        // A call at the very end of a rule need not come back: lists do not pile up.
        boolean last = automaton.onlyEnds(calls[i + 1]);
        open.add(new Place(calls[i], last ? p.stack : push(calls[i + 1], p.stack)));
      }
      if (automaton.ends(p.node)) {
        if (p.stack == BOTTOM) {
          accepting = true;
        } else {
          open.add(new Place(p.stack.node, p.stack.below));
        }
      }
    }
    long[] keys = readers.stream().mapToLong(Place::key).sorted().toArray();
    if (states.size() >= MAX_STATES) {
      states.clear(); // states in use live on by themselves
    }
    boolean ends = accepting;
    return states.computeIfAbsent(new Key(keys, ends), k -> new State(readers, ends));
  }

  private Stack push(int node, Stack below) {
    return stacks.computeIfAbsent(
        ((long) below.id << 32) | node, k -> new Stack(node, stacks.size() + 1, below));
  }
}
