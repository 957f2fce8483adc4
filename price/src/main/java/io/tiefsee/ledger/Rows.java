package io.tiefsee.ledger;

import io.tiefsee.price.Cost;
import io.tiefsee.price.Elsewhere;
import io.tiefsee.price.Energy;
import io.tiefsee.price.Method;
import io.tiefsee.price.Receipt;
import io.tiefsee.price.TokenCount;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Receipts as rows of SQLite and back. Times are whole nanoseconds, energy whole nanojoules, money
 * whole millionths of millionths: so sums in SQL are exact.
 */
final class Rows {
  /** Decimals of seconds and joules, and of money. */
  static final int MEASURED = 9;

  static final int MONEY = 12;

  static final String SCHEMA =
      """
      CREATE TABLE IF NOT EXISTS receipts (
        id INTEGER PRIMARY KEY,
        time INTEGER NOT NULL,
        day TEXT NOT NULL,
        key TEXT NOT NULL,
        model TEXT NOT NULL,
        prompt_hit INTEGER NOT NULL,
        prompt_miss INTEGER NOT NULL,
        thinking INTEGER NOT NULL,
        answer INTEGER NOT NULL,
        queue_ns INTEGER NOT NULL,
        prompt_ns INTEGER NOT NULL,
        generation_ns INTEGER NOT NULL,
        method TEXT NOT NULL,
        prompt_nj INTEGER NOT NULL,
        generation_nj INTEGER NOT NULL,
        idle_subtracted_nj INTEGER NOT NULL,
        uncertainty_nj INTEGER NOT NULL,
        currency TEXT NOT NULL,
        electricity INTEGER NOT NULL,
        amortisation INTEGER NOT NULL,
        overhead INTEGER NOT NULL,
        price_book TEXT NOT NULL,
        elsewhere TEXT NOT NULL)
      """;

  static final String INSERT = "INSERT INTO receipts VALUES (NULL" + ", ?".repeat(22) + ")";

  static final String SELECT = "SELECT * FROM receipts WHERE ";

  /** Columns of {@link #INSERT} behind the id, one after the other. */
  private static final class Writer {
    private final PreparedStatement statement;
    private int next = 1;

    Writer(PreparedStatement statement) {
      this.statement = statement;
    }

    Writer text(String value) throws SQLException {
      statement.setString(next++, value);
      return this;
    }

    Writer whole(long value) throws SQLException {
      statement.setLong(next++, value);
      return this;
    }

    Writer measured(BigDecimal value) throws SQLException {
      return whole(value.movePointRight(MEASURED).longValueExact());
    }

    Writer money(BigDecimal value) throws SQLException {
      return whole(value.movePointRight(MONEY).longValueExact());
    }
  }

  private static final JsonFactory JSON = new JsonFactory();

  private Rows() {}

  /**
   * Sets the parameters of {@link #INSERT}.
   *
   * @throws ArithmeticException if an amount is beyond all measure
   */
  static void write(PreparedStatement statement, Receipt r, String key) throws SQLException {
    new Writer(statement)
        .whole(r.time().toEpochMilli())
        .text(LocalDate.ofInstant(r.time(), ZoneId.systemDefault()).toString())
        .text(key)
        .text(r.model())
        .whole(r.tokens().promptHit())
        .whole(r.tokens().promptMiss())
        .whole(r.tokens().thinking())
        .whole(r.tokens().answer())
        .measured(r.seconds().queue())
        .measured(r.seconds().prompt())
        .measured(r.seconds().generation())
        .text(r.energy().method().name())
        .measured(r.energy().prompt())
        .measured(r.energy().generation())
        .measured(r.energy().idleSubtracted())
        .measured(r.energy().uncertainty())
        .text(r.cost().currency())
        .money(r.cost().electricity())
        .money(r.cost().amortisation())
        .money(r.cost().overhead())
        .text(r.priceBook())
        .text(json(r.elsewhere()));
  }

  /** A list of lists: name, day, total, currency. */
  private static String json(List<Elsewhere> elsewhere) {
    StringWriter text = new StringWriter();
    try (JsonGenerator out = JSON.createGenerator(ObjectWriteContext.empty(), text)) {
      out.writeStartArray();
      for (Elsewhere e : elsewhere) {
        out.writeStartArray();
        out.writeString(e.name());
        out.writeString(e.asOf().toString());
        out.writeString(e.total().toPlainString());
        out.writeString(e.currency());
        out.writeEndArray();
      }
      out.writeEndArray();
    }
    return text.toString();
  }

  static Entry read(ResultSet row) throws SQLException {
    return new Entry(
        row.getString("key"),
        new Receipt(
            row.getString("model"),
            Instant.ofEpochMilli(row.getLong("time")),
            new TokenCount(
                row.getInt("prompt_hit"),
                row.getInt("prompt_miss"),
                row.getInt("thinking"),
                row.getInt("answer")),
            new Receipt.Seconds(
                measured(row, "queue_ns"),
                measured(row, "prompt_ns"),
                measured(row, "generation_ns")),
            new Energy(
                Method.valueOf(row.getString("method")),
                measured(row, "prompt_nj"),
                measured(row, "generation_nj"),
                measured(row, "idle_subtracted_nj"),
                measured(row, "uncertainty_nj")),
            new Cost(
                row.getString("currency"),
                decimal(row, "electricity", MONEY),
                decimal(row, "amortisation", MONEY),
                decimal(row, "overhead", MONEY)),
            row.getString("price_book"),
            elsewhere(row.getString("elsewhere"))));
  }

  private static List<Elsewhere> elsewhere(String json) {
    List<Elsewhere> list = new ArrayList<>();
    try (JsonParser in = JSON.createParser(ObjectReadContext.empty(), json)) {
      JsonToken ignored = in.nextToken();
      while (in.nextToken() == JsonToken.START_ARRAY) {
        list.add(
            new Elsewhere(
                in.nextStringValue(),
                LocalDate.parse(in.nextStringValue()),
                new BigDecimal(in.nextStringValue()),
                in.nextStringValue()));
        ignored = in.nextToken();
      }
    }
    return list;
  }

  private static BigDecimal measured(ResultSet row, String column) throws SQLException {
    return decimal(row, column, MEASURED);
  }

  static BigDecimal decimal(ResultSet row, String column, int decimals) throws SQLException {
    BigDecimal value = BigDecimal.valueOf(row.getLong(column), decimals).stripTrailingZeros();
    return value.scale() < 0 ? value.setScale(0) : value;
  }
}
