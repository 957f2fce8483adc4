package io.tiefsee.ledger;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Properties;
import org.sqlite.JDBC;
import org.sqlite.util.LibraryLoaderUtil;

/** How a program comes to SQLite without the waits that are usual at a start. */
public final class SqliteDriver {
  private SqliteDriver() {}

  /** Not through {@link java.sql.DriverManager}, which looks for drivers in every jar. */
  static Connection connect(Path file) throws SQLException {
    return JDBC.createConnection("jdbc:sqlite:" + file, new Properties());
  }

  /**
   * Puts SQLite's library into a folder, where {@code -Dorg.sqlite.lib.path} lets the driver find
   * it; else the driver unpacks it at each start.
   */
  public static void unpackLibrary(Path folder) throws IOException {
    String name = LibraryLoaderUtil.getNativeLibName();
    String resource = LibraryLoaderUtil.getNativeLibResourcePath() + "/" + name;
    try (InputStream in = SqliteDriver.class.getResourceAsStream(resource)) {
      if (in != null) {
        long ignored = Files.copy(in, folder.resolve(name), StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }
}
