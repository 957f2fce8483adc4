package io.tiefsee.server;

import io.tiefsee.tensor.BadInput;
import java.util.Arrays;
import java.util.Locale;

/** Whose manner of speaking about thoughts the chat API follows. */
public enum Dialect {
  /**
   * DeepSeek's API of R1: thoughts in {@code reasoning_content}; in the input they are an error.
   */
  DEEPSEEK_2025,
  /**
   * DeepSeek's API since V3.2: {@code reasoning_content} too, {@code thinking} and {@code
   * reasoning_effort} in the request; thoughts in the history are accepted.
   */
  DEEPSEEK_2026,
  /** vLLM: thoughts in {@code reasoning}, and in {@code reasoning_content} as it used to be. */
  VLLM;

  /**
   * By its name on the command line.
   *
   * @throws BadInput if there is none of that name
   */
  public static Dialect of(String name) {
    return Arrays.stream(values())
        .filter(d -> d.text().equals(name))
        .findFirst()
        .orElseThrow(() ->
            new BadInput(
                "dialect is "
                    + name
                    + ", but must be one of "
                    + String.join(", ", Arrays.stream(values()).map(Dialect::text).toList())));
  }

  /** {@code deepseek-2025}, {@code deepseek-2026} or {@code vllm}. */
  public String text() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
