/**
 * What answers cost: meters of energy, its fair shares among the requests of a batch, price books
 * and receipts. {@link io.tiefsee.price.Cashier} is the door; the formulas stand in docs/PRICE.md.
 *
 * <p>Energy is counted in whole nanojoules, money in decimal numbers: nothing is lost to rounding
 * between the meter and the sum of the receipts.
 */
package io.tiefsee.price;
