package io.tiefsee.ledger;

import io.tiefsee.price.Receipt;
import io.tiefsee.price.Receipts;
import io.tiefsee.tensor.BadInput;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Receipts in an SQLite file. Several programs may write at once; a program that is killed leaves
 * whole receipts only. What is beyond the limits of number and age is forgotten. A file that is
 * damaged is set aside, and a new one begun; a receipt that cannot be kept costs a warning, never
 * an answer. Thread-safe.
 */
public final class Ledger implements Receipts, AutoCloseable {
  /**
   * What is kept.
   *
   * @param receipts the newest ones
   * @param age no older ones
   */
  public record Limits(long receipts, Duration age) {
    /** A few dozen megabytes. */
    public static final Limits DEFAULTS = new Limits(200_000, Duration.ofDays(3 * 365));
  }

  /** "Tsee": tells a ledger from other people's databases. */
  private static final int APPLICATION = 0x54736565;

  private static final int SCHEMA_VERSION = 1;
  private static final int BUSY_MILLIS = 20_000;

  /** Receipts between two cleanings. */
  private static final int CLEAN_EVERY = 500;

  /** Of the columns to group by, the condition, and the columns twice again. */
  private static final String SUMS =
      """
      SELECT %scurrency, count(*) AS receipts,
        sum(prompt_hit) AS prompt_hit, sum(prompt_miss) AS prompt_miss,
        sum(thinking) AS thinking, sum(answer) AS answer,
        sum(queue_ns + prompt_ns + generation_ns) AS ns,
        sum(prompt_nj + generation_nj) AS nj,
        sum(electricity + amortisation + overhead) AS cost
      FROM receipts WHERE %s GROUP BY %scurrency ORDER BY %scurrency
      """;

  // SQLite's result codes.
  private static final int CORRUPT = 11;
  private static final int CANNOT_OPEN = 14;
  private static final int NOT_A_DATABASE = 26;

  private final Path file;
  private final Limits limits;
  private final Consumer<String> warnings;
  private final Set<String> warned = new TreeSet<>();
  private Connection connection;
  private int added;

  private Ledger(Path file, Limits limits, Consumer<String> warnings) throws SQLException {
    this.file = file;
    this.limits = limits;
    this.warnings = warnings;
    connection = locked(this::connectOrRenew);
    clean();
  }

  /** {@code tiefsee/ledger.db} in the user's data folder. */
  public static Path ofUser(Map<String, String> environment) {
    String data = environment.getOrDefault("XDG_DATA_HOME", "");
    Path base =
        data.isEmpty()
            ? Path.of(System.getProperty("user.home"), ".local", "share")
            : Path.of(data);
    return base.resolve("tiefsee").resolve("ledger.db");
  }

  /**
   * Opens a ledger; begins it if it is not there.
   *
   * @param warnings hears, in one line each, what goes wrong from now on
   * @throws BadInput if the file cannot be used
   */
  public static Ledger open(Path file, Consumer<String> warnings) {
    return open(file, Limits.DEFAULTS, warnings);
  }

  /** As {@link #open(Path, Consumer)}, with limits. */
  public static Ledger open(Path file, Limits limits, Consumer<String> warnings) {
    try {
      Path folder = Files.createDirectories(file.toAbsolutePath().getParent());
      if (Files.isDirectory(file)) {
        throw new BadInput("ledger " + file + " is a folder");
      }
      return new Ledger(folder.resolve(file.getFileName()), limits, warnings);
    } catch (IOException e) {
      throw new BadInput("ledger " + file + " cannot be made: " + BadInput.reason(e), e);
    } catch (SQLException e) {
      throw failed(file, e);
    }
  }

  private static BadInput failed(Path file, SQLException e) {
    String why =
        e.getErrorCode() == CANNOT_OPEN
            ? "the file cannot be opened"
            : String.valueOf(e.getMessage());
    return new BadInput(
        "ledger " + file + ": " + why + "; name another with --ledger FILE, or --ledger off", e);
  }

  /** Work with the database that may fail. */
  @FunctionalInterface
  private interface Work<T> {
    T run() throws SQLException;
  }

  /** Runs what only one program may do at a time. */
  private <T> T locked(Work<T> work) throws SQLException {
    Path lock = file.resolveSibling(file.getFileName() + ".lock");
    synchronized (Ledger.class) {
      try (FileChannel channel =
              FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          FileLock held = channel.lock()) {
        if (!held.isValid()) {
          throw new IOException("the lock was lost");
        }
        return work.run();
      } catch (IOException e) {
        throw new SQLException(lock + ": " + BadInput.reason(e), "", CANNOT_OPEN, e);
      }
    }
  }

  private Connection connectOrRenew() throws SQLException {
    try {
      return connect();
    } catch (SQLException e) {
      if (!isDamage(e)) {
        throw e;
      }
      setAside();
      return connect();
    }
  }

  private static boolean isDamage(SQLException e) {
    return e.getErrorCode() == CORRUPT || e.getErrorCode() == NOT_A_DATABASE;
  }

  private Connection connect() throws SQLException {
    Connection c = SqliteDriver.connect(file);
    try (Statement s = c.createStatement()) {
      run(s, "PRAGMA busy_timeout = " + BUSY_MILLIS);
      long application = number(s, "PRAGMA application_id");
      if (application == 0 && number(s, "SELECT count(*) FROM sqlite_master") > 0) {
        throw new BadInput("ledger " + file + " is a database of something else");
      }
      if (number(s, "PRAGMA user_version") > SCHEMA_VERSION) {
        throw new BadInput("ledger " + file + " was written by a newer version of this program");
      }
      // After a crash of the program all is there; after one of the machine the last may be lost.
      run(s, "PRAGMA journal_mode = WAL");
      run(s, "PRAGMA synchronous = NORMAL");
      if (application != APPLICATION) {
        run(s, "PRAGMA application_id = " + APPLICATION);
        run(s, Rows.SCHEMA);
        run(s, "CREATE INDEX IF NOT EXISTS receipts_day ON receipts (day)");
        run(s, "PRAGMA user_version = " + SCHEMA_VERSION);
      }
      return c;
    } catch (SQLException | RuntimeException e) {
      c.close();
      throw e;
    }
  }

  private static void run(Statement statement, String sql) throws SQLException {
    boolean ignored = statement.execute(sql);
  }

  private static long number(Statement statement, String sql) throws SQLException {
    try (ResultSet row = statement.executeQuery(sql)) {
      return row.next() ? row.getLong(1) : 0;
    }
  }

  private void setAside() throws SQLException {
    Path aside =
        file.resolveSibling(file.getFileName() + ".damaged-" + Instant.now().toEpochMilli());
    try {
      for (String part : List.of("", "-wal", "-shm")) {
        Path from = file.resolveSibling(file.getFileName() + part);
        if (Files.exists(from)) {
          Files.move(
              from,
              aside.resolveSibling(aside.getFileName() + part),
              StandardCopyOption.ATOMIC_MOVE);
        }
      }
    } catch (IOException e) {
      throw new SQLException(BadInput.reason(e), "", CANNOT_OPEN, e);
    }
    warnings.accept("ledger " + file + " is damaged; it was set aside as " + aside.getFileName());
  }

  /** Runs work; where the file proves to be damaged, once more with a new one. */
  private synchronized <T> T withRenewal(Work<T> work) throws SQLException {
    try {
      return work.run();
    } catch (SQLException e) {
      if (!isDamage(e)) {
        throw e;
      }
      connection.close();
      connection = locked(this::renewIfStillDamaged);
      return work.run();
    }
  }

  /** Another program may have seen the damage first. */
  private Connection renewIfStillDamaged() throws SQLException {
    Connection c = connectOrRenew();
    try (Statement s = c.createStatement();
        ResultSet row = s.executeQuery("PRAGMA quick_check(1)")) {
      if (row.next() && "ok".equals(row.getString(1))) {
        return c;
      }
    } catch (SQLException e) {
      if (!isDamage(e)) {
        throw e;
      }
    }
    c.close();
    setAside();
    return connect();
  }

  /** Keeps a receipt; warns, once for each reason, where that fails. */
  @Override
  public synchronized void add(Receipt receipt, String key) {
    try {
      int rows = withRenewal(() -> insert(receipt, key));
      added += rows;
      if (added >= CLEAN_EVERY) {
        added = 0;
        clean();
      }
    } catch (SQLException | ArithmeticException e) {
      String why = String.valueOf(e.getMessage());
      if (warned.add(why)) {
        warnings.accept("ledger " + file + ": a receipt was not kept: " + why);
      }
    }
  }

  private int insert(Receipt receipt, String key) throws SQLException {
    try (PreparedStatement s = connection.prepareStatement(Rows.INSERT)) {
      Rows.write(s, receipt, key);
      return s.executeUpdate();
    }
  }

  private void clean() throws SQLException {
    long oldest = Instant.now().minus(limits.age()).toEpochMilli();
    int ignored =
        withRenewal(() -> {
          try (Statement s = connection.createStatement()) {
            return s.executeUpdate(
                "DELETE FROM receipts WHERE time < "
                    + oldest
                    + " OR id <= (SELECT max(id) FROM receipts) - "
                    + limits.receipts());
          }
        });
  }

  /** How many receipts there are. */
  public synchronized long size() {
    try (Statement s = connection.createStatement()) {
      return number(s, "SELECT count(*) FROM receipts");
    } catch (SQLException e) {
      throw failed(file, e);
    }
  }

  /**
   * Sums, one for each combination of what is grouped by and each currency, in their order.
   *
   * @throws BadInput if the file cannot be read
   */
  public List<Total> totals(Filter filter, Set<Total.Group> by) {
    String columns =
        by.stream()
            .sorted()
            .map(g -> g.name().toLowerCase(Locale.ROOT) + ", ")
            .collect(Collectors.joining());
    String sql = SUMS.formatted(columns, filter.sql(), columns, columns);
    List<Total> totals = new ArrayList<>();
    query(sql, filter, row -> totals.add(total(row, by)));
    return totals;
  }

  private static Total total(ResultSet row, Set<Total.Group> by) throws SQLException {
    Map<Total.Group, String> group = new EnumMap<>(Total.Group.class);
    for (Total.Group g : by) {
      group.put(g, row.getString(g.name().toLowerCase(Locale.ROOT)));
    }
    return new Total(
        group,
        row.getString("currency"),
        row.getLong("receipts"),
        row.getLong("prompt_hit"),
        row.getLong("prompt_miss"),
        row.getLong("thinking"),
        row.getLong("answer"),
        Rows.decimal(row, "ns", Rows.MEASURED),
        Rows.decimal(row, "nj", Rows.MEASURED),
        Rows.decimal(row, "cost", Rows.MONEY));
  }

  /**
   * Tells the receipts, oldest first.
   *
   * @throws BadInput if the file cannot be read
   */
  public void forEach(Filter filter, Consumer<Entry> consumer) {
    query(
        Rows.SELECT + filter.sql() + " ORDER BY id",
        filter,
        row -> consumer.accept(Rows.read(row)));
  }

  @FunctionalInterface
  private interface RowConsumer {
    void accept(ResultSet row) throws SQLException;
  }

  private synchronized void query(String sql, Filter filter, RowConsumer consumer) {
    try (PreparedStatement s = connection.prepareStatement(sql)) {
      int next = 1;
      for (String value : filter.values()) {
        s.setString(next++, value);
      }
      try (ResultSet rows = s.executeQuery()) {
        while (rows.next()) {
          consumer.accept(rows);
        }
      }
    } catch (SQLException e) {
      throw failed(file, e);
    }
  }

  @Override
  public synchronized void close() {
    try {
      connection.close();
    } catch (SQLException e) {
      warnings.accept("ledger " + file + ": " + e.getMessage());
    }
  }
}
