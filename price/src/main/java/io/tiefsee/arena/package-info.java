/**
 * Asks many questions of models here and of endpoints elsewhere, keeps each answer, and compares
 * what they get right with what that costs: the commands {@code eval} and {@code arena}.
 */
package io.tiefsee.arena;
