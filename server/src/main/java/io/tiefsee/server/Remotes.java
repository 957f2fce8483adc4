package io.tiefsee.server;

import io.tiefsee.config.ConfigReader;
import io.tiefsee.config.ConfigSource;
import io.tiefsee.tensor.BadInput;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Endpoints elsewhere that the page may ask, from a TOML file of {@code [[remote]]} tables.
 *
 * @param remote in the order of the file; names are unique
 */
public record Remotes(List<Remote> remote) {
  public static final Remotes NONE = new Remotes(List.of());

  /**
   * An OpenAI-compatible endpoint.
   *
   * @param name as the page shows it, and part of a path: letters, digits, {@code . _ -}
   * @param url up to {@code /v1}, without a slash at the end
   * @param model asked where a request names none
   * @param keyEnv the environment variable that holds the API key; empty for none
   */
  public record Remote(String name, String url, String model, String keyEnv) {
    public static final Remote DEFAULTS = new Remote("remote", "http://localhost/v1", "", "");

    public Remote {
      if (!name.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,63}")) {
        throw new BadInput("name is letters, digits, '.', '_' and '-', not \"" + name + "\"");
      }
      url = url.replaceFirst("/+$", "");
      if (!isHttp(url)) {
        throw new BadInput("url is like https://api.example.com/v1, not \"" + url + "\"");
      }
    }

    private static boolean isHttp(String url) {
      try {
        URI uri = new URI(url);
        return uri.getHost() != null && List.of("http", "https").contains(uri.getScheme());
      } catch (URISyntaxException e) {
        return false;
      }
    }

    URI chat() {
      return URI.create(url + "/chat/completions");
    }
  }

  public Remotes {
    remote = List.copyOf(remote);
    Set<String> names = new HashSet<>();
    for (Remote r : remote) {
      if (!names.add(r.name())) {
        throw new BadInput("remote has two tables of the name " + r.name());
      }
    }
  }

  /**
   * Reads a file.
   *
   * @throws BadInput with file and line, if something is wrong with it
   */
  public static Remotes read(Path file) {
    return new ConfigReader(ConfigSource.of(file, List.of())).read(Remotes.class, NONE);
  }

  Optional<Remote> named(String name) {
    return remote.stream().filter(r -> r.name().equals(name)).findFirst();
  }
}
