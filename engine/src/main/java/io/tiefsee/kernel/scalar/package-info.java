/** Plain Java for every format: the reference that faster kernels are tested against. */
package io.tiefsee.kernel.scalar;
