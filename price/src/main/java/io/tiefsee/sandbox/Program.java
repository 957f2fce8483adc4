package io.tiefsee.sandbox;

import java.util.List;

/**
 * A program and the calls to make.
 *
 * @param source JavaScript that defines the function
 * @param function its name
 * @param calls the arguments of each call: the text of a JSON array
 */
public record Program(String source, String function, List<String> calls) {
  public Program {
    calls = List.copyOf(calls);
  }
}
