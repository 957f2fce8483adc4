/**
 * The arithmetic: products, attention and row operations. {@code scalar} is the complete reference,
 * {@code vector} the portable fast path, {@code x86} machine code assembled at run time.
 */
package io.tiefsee.kernel;
