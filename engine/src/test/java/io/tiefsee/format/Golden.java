package io.tiefsee.format;

import java.net.URISyntaxException;
import java.nio.file.Path;

/** Reference files among the test resources. */
final class Golden {
  private Golden() {}

  static Path path(String name) {
    try {
      return Path.of(Golden.class.getResource("/golden/" + name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
