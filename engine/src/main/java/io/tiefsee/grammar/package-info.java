/** Grammars that an answer has to obey: GBNF, JSON schemas, and which tokens they let through. */
@org.jspecify.annotations.NullMarked
package io.tiefsee.grammar;
