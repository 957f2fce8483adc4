/** The stages of R1's recipe and what they share. */
package io.tiefsee.recipe;
