package io.tiefsee.ledger;

import io.tiefsee.price.Receipt;

/**
 * A receipt in the ledger.
 *
 * @param key who pays
 */
public record Entry(String key, Receipt receipt) {}
