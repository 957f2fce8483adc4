package io.tiefsee.server;

import io.tiefsee.engine.SamplingParams;
import io.tiefsee.grammar.Grammar;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * How a prompt is to be answered, whichever API asked.
 *
 * @param sampling changes the model's defaults
 * @param grammar that the answer obeys behind the thoughts
 * @param samples answers wanted
 */
public record Job(
    Consumer<SamplingParams.Builder> sampling,
    Optional<Grammar> grammar,
    int samples,
    Limits limits) {}
