package io.tiefsee.kernel.x86;

/**
 * An AMX tile register: up to 16 rows of 64 bytes, its shape as {@code ldtilecfg} said.
 *
 * @param index 0 to 7
 */
public record Tile(int index) implements Operand {}
