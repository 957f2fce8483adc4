/**
 * Kernels written with {@code jdk.incubator.vector}: the fast path of every machine that has no
 * machine-code kernels here, Arm among them.
 */
package io.tiefsee.kernel.vector;
