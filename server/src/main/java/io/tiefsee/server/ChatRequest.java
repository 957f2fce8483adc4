package io.tiefsee.server;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A conversation to continue, whichever API it came by.
 *
 * @param messages as templates take them: {@code role}, {@code content} as a text, and for the
 *     assistant {@code reasoning_content} and {@code tool_calls}
 * @param continuesLast whether the last message is the beginning of the answer
 * @param thinking whether the model is to think; empty leaves it to the model
 * @param tools that the model may call
 */
public record ChatRequest(
    List<Map<String, Object>> messages,
    boolean continuesLast,
    Optional<Boolean> thinking,
    ToolUse tools,
    Job job) {}
