package io.tiefsee.kernel.x86;

/**
 * An AVX-512 opmask register.
 *
 * @param index 0 to 7; k0 as a write mask means "no mask"
 */
public record Mask(int index) implements Operand {}
