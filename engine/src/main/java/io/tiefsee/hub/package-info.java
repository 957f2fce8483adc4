/** Models from the Hugging Face hub, and where they lie on this machine. */
@org.jspecify.annotations.NullMarked
package io.tiefsee.hub;
