package io.tiefsee.ledger;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Which receipts are meant; what is empty does not matter.
 *
 * @param since the first day
 * @param until the last day
 */
public record Filter(
    Optional<LocalDate> since,
    Optional<LocalDate> until,
    Optional<String> model,
    Optional<String> key) {
  /** All of them. */
  public static final Filter ALL =
      new Filter(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

  /** Those of a day. */
  public static Filter on(LocalDate day) {
    return new Filter(Optional.of(day), Optional.of(day), Optional.empty(), Optional.empty());
  }

  /** The condition in SQL, with a question mark for each of {@link #values}. */
  String sql() {
    List<String> terms = new ArrayList<>(List.of("1"));
    since.ifPresent(d -> terms.add("day >= ?"));
    until.ifPresent(d -> terms.add("day <= ?"));
    model.ifPresent(m -> terms.add("model = ?"));
    key.ifPresent(k -> terms.add("key = ?"));
    return String.join(" AND ", terms);
  }

  List<String> values() {
    List<String> values = new ArrayList<>();
    since.ifPresent(d -> values.add(d.toString()));
    until.ifPresent(d -> values.add(d.toString()));
    model.ifPresent(values::add);
    key.ifPresent(values::add);
    return values;
  }
}
