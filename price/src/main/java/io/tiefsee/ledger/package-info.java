/** Receipts that are kept: an SQLite file, its totals, and its export. */
package io.tiefsee.ledger;
