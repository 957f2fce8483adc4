/** Numbers in memory: weight matrices, activations, the threads that work on them. */
package io.tiefsee.tensor;
