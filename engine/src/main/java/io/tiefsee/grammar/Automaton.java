package io.tiefsee.grammar;

import io.tiefsee.tensor.BadInput;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A grammar as a network over bytes: nodes joined by edges that read a byte, edges that read
 * nothing, and calls of other rules that go on at a node when the rule ends. Immutable.
 */
final class Automaton {
  private static final int MAX_NODES = 1 << 19;
  private static final int[] NONE = {};

  /** Per node: triples of first byte, last byte, target. */
  private int[][] bytes = new int[64][];

  /** Per node: targets. */
  private int[][] empty = new int[64][];

  /** Per node: pairs of the called rule's first node and the node to go on at. */
  private int[][] calls = new int[64][];

  private boolean[] ends = new boolean[64];
  private int nodes;
  private final Map<String, Integer> starts = new HashMap<>();
  private final int root;

  Automaton(Grammar grammar) {
    for (String name : grammar.rules().keySet()) {
      starts.put(name, node());
    }
    grammar
        .rules()
        .forEach((name, expr) -> {
          int end = add(expr, at(name));
          ends[end] = true;
        });
    root = at(grammar.root());
  }

  private int at(String rule) {
    return starts.getOrDefault(rule, -1);
  }

  private int node() {
    if (nodes == MAX_NODES) {
      throw new BadInput(
          "the grammar is too large: more than "
              + MAX_NODES
              + " places; lower the bounds of its repetitions");
    }
    if (nodes == ends.length) {
      bytes = Arrays.copyOf(bytes, 2 * nodes);
      empty = Arrays.copyOf(empty, 2 * nodes);
      calls = Arrays.copyOf(calls, 2 * nodes);
      ends = Arrays.copyOf(ends, 2 * nodes);
    }
    bytes[nodes] = NONE;
    empty[nodes] = NONE;
    calls[nodes] = NONE;
    return nodes++;
  }

  private static int[] with(int[] list, int... more) {
    int[] longer = Arrays.copyOf(list, list.length + more.length);
    System.arraycopy(more, 0, longer, list.length, more.length);
    return longer;
  }

  /** Adds what reads an expression, from a node on; the node behind it. */
  private int add(Expr e, int from) {
    return switch (e) {
      case Expr.Text t -> {
        int at = from;
        for (byte b : t.text().getBytes(StandardCharsets.UTF_8)) {
          int next = node();
          bytes[at] = with(bytes[at], b & 0xFF, b & 0xFF, next);
          at = next;
        }
        yield at;
      }
      case Expr.Chars c -> addChars(c, from);
      case Expr.Seq s -> {
        int at = from;
        for (Expr part : s.parts()) {
          at = add(part, at);
        }
        yield at;
      }
      case Expr.Alt a -> {
        int end = node();
        for (Expr option : a.options()) {
          int begin = node();
          empty[from] = with(empty[from], begin);
          int last = add(option, begin);
          empty[last] = with(empty[last], end);
        }
        yield end;
      }
      case Expr.Repeat r -> addRepeat(r, from);
      case Expr.Ref r -> {
        int next = node();
        calls[from] = with(calls[from], at(r.rule()), next);
        yield next;
      }
    };
  }

  private int addChars(Expr.Chars c, int from) {
    int end = node();
    for (Expr.Range range : c.ranges()) {
      for (List<Utf8Ranges.Bytes> sequence : Utf8Ranges.of(range)) {
        int at = from;
        for (int i = 0; i < sequence.size(); i++) {
          int next = i + 1 < sequence.size() ? node() : end;
          Utf8Ranges.Bytes b = sequence.get(i);
          bytes[at] = with(bytes[at], b.first(), b.last(), next);
          at = next;
        }
      }
    }
    return end;
  }

  private int addRepeat(Expr.Repeat r, int from) {
    int at = from;
    for (int i = 0; i < r.min(); i++) {
      at = add(r.body(), at);
    }
    if (r.max() == Expr.UNBOUNDED) {
      int loop = node();
      empty[at] = with(empty[at], loop);
      int body = node();
      empty[loop] = with(empty[loop], body);
      int last = add(r.body(), body);
      empty[last] = with(empty[last], loop);
      return loop;
    }
    List<Integer> exits = new ArrayList<>();
    for (int i = r.min(); i < r.max(); i++) {
      exits.add(at);
      at = add(r.body(), at);
    }
    int end = node();
    empty[at] = with(empty[at], end);
    for (int exit : exits) {
      empty[exit] = with(empty[exit], end);
    }
    return end;
  }

  /** Where the root rule begins. */
  int root() {
    return root;
  }

  /** Triples of first byte, last byte, target. */
  int[] bytes(int node) {
    return bytes[node];
  }

  /** Nodes that are reached without reading. */
  int[] empty(int node) {
    return empty[node];
  }

  /** Pairs of a called rule's first node and the node to go on at. */
  int[] calls(int node) {
    return calls[node];
  }

  /** Whether the rule of this node may end here. */
  boolean ends(int node) {
    return ends[node];
  }

  /** Whether there is nothing to do from a node on but to end its rule. */
  boolean onlyEnds(int node) {
    if (bytes[node].length > 0 || calls[node].length > 0) {
      return false;
    }
    return ends[node]
        ? empty[node].length == 0
        : empty[node].length == 1 && onlyEnds(empty[node][0]);
  }
}
