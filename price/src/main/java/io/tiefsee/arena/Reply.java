package io.tiefsee.arena;

import io.tiefsee.price.TokenCount;
import java.util.Optional;

/**
 * What came back to a question.
 *
 * @param thinking the thoughts; empty where there were none or they were not shown
 * @param answer the text after the thoughts
 * @param truncated whether a limit cut it
 * @param latencySeconds from sending the question to the last token
 * @param bill empty where nothing is known of prices
 */
public record Reply(
    String thinking,
    String answer,
    boolean truncated,
    TokenCount tokens,
    double latencySeconds,
    Optional<Bill> bill) {}
