package io.tiefsee.server;

import io.tiefsee.engine.SamplingParams;
import io.tiefsee.grammar.Grammar;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A conversation to continue, whichever API it came by.
 *
 * @param messages as templates take them: {@code role}, {@code content} as a text, and for the
 *     assistant {@code reasoning_content} and {@code tool_calls}
 * @param continuesLast whether the last message is the beginning of the answer
 * @param thinking whether the model is to think; empty leaves it to the model
 * @param sampling changes the model's defaults
 * @param grammar that the answer obeys behind the thoughts
 * @param samples answers wanted
 */
public record ChatRequest(
    List<Map<String, Object>> messages,
    boolean continuesLast,
    Optional<Boolean> thinking,
    Consumer<SamplingParams.Builder> sampling,
    Optional<Grammar> grammar,
    int samples) {}
