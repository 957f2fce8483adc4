/** Learning: a tape over the model's operations, parameters, losses and the optimiser. */
package io.tiefsee.train;
