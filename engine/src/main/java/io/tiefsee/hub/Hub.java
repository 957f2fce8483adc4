package io.tiefsee.hub;

import io.tiefsee.tensor.BadInput;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Downloads models from the Hugging Face hub, or from a mirror with its interface. What is broken
 * off goes on where it stopped; what has arrived is checked against the hub's size and hash before
 * it gets its name. The access token goes to the hub's own host only, not where it redirects.
 */
public final class Hub {
  /** Hears how far a download is. */
  @FunctionalInterface
  public interface Progress {
    /**
     * @param file which one
     * @param done bytes that are here
     * @param total bytes of the file
     */
    void report(String file, long done, long total);
  }

  private static final int REDIRECTS = 5;
  private static final int TRIES = 4;
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final URI endpoint;
  private final Optional<String> token;
  private final Duration pause;
  private final HttpClient client =
      HttpClient.newBuilder()
          .followRedirects(HttpClient.Redirect.NEVER)
          .connectTimeout(PATIENCE)
          .build();

  Hub(URI endpoint, Optional<String> token, Duration pause) {
    this.endpoint = endpoint;
    this.token = token;
    this.pause = pause;
  }

  /** As the hub's own tools are set: {@code HF_ENDPOINT}, {@code HF_TOKEN}. */
  public static Hub of(Map<String, String> environment) {
    String given = environment.getOrDefault("HF_ENDPOINT", "");
    URI endpoint;
    try {
      endpoint = URI.create(given.isEmpty() ? "https://huggingface.co" : given);
    } catch (IllegalArgumentException e) {
      throw new BadInput("HF_ENDPOINT is no address: " + given, e);
    }
    if (endpoint.getHost() == null) {
      throw new BadInput("HF_ENDPOINT is no address: " + given);
    }
    Optional<String> token =
        Optional.ofNullable(environment.get("HF_TOKEN")).filter(t -> !t.isBlank());
    return new Hub(endpoint, token, Duration.ofSeconds(1));
  }

  /**
   * Downloads a model into the store, unless it is there already.
   *
   * @return what an engine opens
   * @throws BadInput if the hub has no such model or does not give it, or it does not fit the disk
   */
  public Path pull(HubRef ref, ModelStore store, Progress progress) {
    List<HubFile> all = files(ref);
    List<HubFile> wanted = HubFile.modelOf(all, ref.quant());
    if (wanted.isEmpty()) {
      throw new BadInput(nothing(ref, all));
    }
    Path folder = store.folder(ref);
    Download.checkRoom(folder, wanted);
    for (HubFile f : wanted) {
      download(ref, f, folder, progress);
    }
    HubFile first = wanted.getFirst();
    return first.path().endsWith(".gguf") ? folder.resolve(first.path()) : folder;
  }

  private static String nothing(HubRef ref, List<HubFile> all) {
    List<String> gguf =
        all.stream().map(HubFile::path).filter(p -> p.endsWith(".gguf")).sorted().toList();
    return gguf.isEmpty()
        ? ref.name() + " on the hub has neither GGUF files nor safetensors"
        : ref.name()
            + " has no file of "
            + ref.quant().orElse("a usual type")
            + "; there are: "
            + String.join(", ", gguf.subList(0, Math.min(12, gguf.size())));
  }

  /** The files of a repository's main branch. */
  private List<HubFile> files(HubRef ref) {
    URI address = endpoint.resolve("/api/models/" + ref.name() + "/tree/main?recursive=true");
    String text =
        persistently(
            ref.toString(),
            () -> {
              HttpResponse<InputStream> response = get(address, ref, 0);
              try (InputStream in = response.body()) {
                return new String(in.readNBytes(64 << 20), StandardCharsets.UTF_8);
              }
            });
    List<HubFile> files = new ArrayList<>();
    try {
      for (JsonNode n : JsonMapper.shared().readTree(text)) {
        String path = n.path("path").asString("");
        if (n.path("type").asString("").equals("file") && isHarmless(path)) {
          Optional<String> sha =
              Optional.of(n.path("lfs").path("oid").asString("")).filter(s -> !s.isEmpty());
          files.add(new HubFile(path, n.path("size").asLong(0), sha, n.path("oid").asString("")));
        }
      }
    } catch (JacksonException e) {
      throw new BadInput(endpoint + " answered with something that is no list of files", e);
    }
    return files;
  }

  /** Whether a path stays in its folder. */
  private static boolean isHarmless(String path) {
    return !path.isEmpty()
        && !path.startsWith("/")
        && !path.contains("\\")
        && Arrays.stream(path.split("/")).noneMatch(p -> p.isEmpty() || p.startsWith("."));
  }

  private void download(HubRef ref, HubFile file, Path folder, Progress progress) {
    Download download = new Download(file, folder, progress);
    if (download.isDone()) {
      return;
    }
    String encoded =
        Arrays.stream(file.path().split("/"))
            .map(p -> URLEncoder.encode(p, StandardCharsets.UTF_8).replace("+", "%20"))
            .collect(Collectors.joining("/"));
    URI address = endpoint.resolve("/" + ref.name() + "/resolve/main/" + encoded);
    String ignored =
        persistently(
            file.path(),
            () -> {
              long from = download.begin();
              HttpResponse<InputStream> response = get(address, ref, from);
              try (InputStream in = response.body()) {
                download.write(in, response.statusCode() == 206);
              }
              return "";
            });
    download.finish();
  }

  @FunctionalInterface
  private interface Attempt {
    String run() throws IOException, InterruptedException;
  }

  /** Tries again after failures that may pass. */
  private String persistently(String what, Attempt attempt) {
    for (int i = 1; ; i++) {
      try {
        return attempt.run();
      } catch (FileSystemException e) {
        throw new BadInput(what + " cannot be written: " + BadInput.reason(e), e);
      } catch (IOException e) {
        if (i == TRIES) {
          throw new BadInput(
              what
                  + " cannot be had from "
                  + endpoint.getHost()
                  + ": "
                  + BadInput.reason(e)
                  + "; the same command goes on later where it stopped",
              e);
        }
        sleep(pause.multipliedBy(1L << i));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new BadInput("interrupted; the same command goes on where it stopped", e);
      }
    }
  }

  private static void sleep(Duration pause) {
    try {
      Thread.sleep(pause);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BadInput("interrupted; the same command goes on where it stopped", e);
    }
  }

  /** The answer to a GET, behind all redirects. */
  private HttpResponse<InputStream> get(URI address, HubRef ref, long from)
      throws IOException, InterruptedException {
    URI at = address;
    for (int hop = 0; hop <= REDIRECTS; hop++) {
      HttpRequest.Builder request =
          HttpRequest.newBuilder(at).timeout(PATIENCE).header("User-Agent", "tiefsee");
      if (from > 0) {
        request.header("Range", "bytes=" + from + "-");
      }
      if (token.isPresent() && isHub(at)) {
        request.header("Authorization", "Bearer " + token.get());
      }
      HttpResponse<InputStream> response =
          client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
      int status = response.statusCode();
      Optional<String> next = response.headers().firstValue("Location");
      if (status >= 300 && status < 400 && next.isPresent()) {
        response.body().close();
        at = at.resolve(next.get());
        continue;
      }
      if (status == 200 || status == 206) {
        return response;
      }
      response.body().close();
      throw refused(status, ref);
    }
    throw new IOException("more than " + REDIRECTS + " redirects");
  }

  private boolean isHub(URI address) {
    return endpoint.getHost().equals(address.getHost())
        && endpoint.getPort() == address.getPort()
        && String.valueOf(endpoint.getScheme()).equals(address.getScheme());
  }

  private IOException refused(int status, HubRef ref) {
    switch (status) {
      case 401, 403 ->
          throw new BadInput(
              ref.name()
                  + " is not given to everybody, or does not exist: accept its terms on the hub"
                  + " and set HF_TOKEN");
      case 404 -> throw new BadInput("the hub has no model " + ref.name());
      default -> {
        return new IOException("status " + status);
      }
    }
  }
}
