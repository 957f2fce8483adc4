package io.tiefsee.kernel.x86;

/**
 * Machine code cannot be run here.
 *
 * @param reason why, as part of a line for the user
 */
public record Refused(String reason) implements CodeMapping, Detection {}
