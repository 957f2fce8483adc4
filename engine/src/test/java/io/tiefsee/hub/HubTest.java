package io.tiefsee.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.tiefsee.tensor.BadInput;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HubTest {
  private static final HubRef REF = HubRef.parse("hf:maker/Model-GGUF:Q4_K_M").orElseThrow();

  @TempDir private Path folder = Path.of("");

  /** Repository by path: contents. Large files lie with the second server, as on the hub. */
  private final Map<String, byte[]> files = new LinkedHashMap<>();

  private final List<String> seen = new CopyOnWriteArrayList<>();
  private final List<HttpServer> servers = new ArrayList<>();
  private HttpServer hub = server();
  private HttpServer storage = server();

  /** Bytes after which the storage breaks off, once each. */
  private final List<Integer> cuts = new CopyOnWriteArrayList<>();

  private boolean damaged;
  private int unavailable;

  private HttpServer server() {
    try {
      HttpServer s =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      servers.add(s);
      s.start();
      return s;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @BeforeEach
  void serve() {
    files.put("README.md", "read me".getBytes(StandardCharsets.UTF_8));
    files.put("Model-Q4_0_8_8.gguf", random(1, 100));
    files.put("Model-Q4_K_M-00001-of-00002.gguf", random(2, 300_000));
    files.put("Model-Q4_K_M-00002-of-00002.gguf", random(3, 200_000));
    files.put("Model-Q8_0.gguf", random(4, 1000));
    hub.createContext("/", this::answerOfHub);
    storage.createContext("/", this::answerOfStorage);
  }

  @AfterEach
  void stop() {
    servers.forEach(s -> s.stop(0));
  }

  private static byte[] random(int seed, int n) {
    byte[] bytes = new byte[n];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  private static String hash(String algorithm, byte[]... parts) {
    try {
      MessageDigest digest = MessageDigest.getInstance(algorithm);
      Arrays.stream(parts).forEach(digest::update);
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private void answerOfHub(HttpExchange x) throws IOException {
    String path = x.getRequestURI().getPath();
    seen.add("hub " + path + " " + x.getRequestHeaders().getFirst("Authorization"));
    if (unavailable > 0) {
      unavailable--;
      answer(x, 503, new byte[0]);
    } else if (path.equals("/api/models/maker/Model-GGUF/tree/main")) {
      answer(x, 200, listing().getBytes(StandardCharsets.UTF_8));
    } else if (path.startsWith("/maker/Model-GGUF/resolve/main/")) {
      String file = path.substring("/maker/Model-GGUF/resolve/main/".length());
      if (file.endsWith(".gguf")) {
        x.getResponseHeaders().add("Location", address(storage) + "/blob/" + file + "?signed=1");
        answer(x, 302, new byte[0]);
      } else {
        answer(x, 200, files.get(file));
      }
    } else if (path.startsWith("/api/models/secret/")) {
      answer(x, 401, new byte[0]);
    } else {
      answer(x, 404, new byte[0]);
    }
  }

  private String listing() {
    List<String> rows = new ArrayList<>();
    rows.add("{\"type\":\"directory\",\"path\":\"sub\",\"size\":0,\"oid\":\"0\"}");
    rows.add("{\"type\":\"file\",\"path\":\"../evil.gguf\",\"size\":1,\"oid\":\"0\"}");
    files.forEach((path, bytes) -> {
      byte[] head = ("blob " + bytes.length + "\0").getBytes(StandardCharsets.UTF_8);
      String lfs =
          path.endsWith(".gguf")
              ? ",\"lfs\":{\"oid\":\"" + hash("SHA-256", bytes) + "\",\"size\":1}"
              : "";
      rows.add(
          "{\"type\":\"file\",\"path\":\"%s\",\"size\":%d,\"oid\":\"%s\"%s}"
              .formatted(path, bytes.length, hash("SHA-1", head, bytes), lfs));
    });
    return "[" + String.join(",", rows) + "]";
  }

  private void answerOfStorage(HttpExchange x) throws IOException {
    String file = x.getRequestURI().getPath().substring("/blob/".length());
    String range = x.getRequestHeaders().getFirst("Range");
    seen.add(
        "storage " + file + " " + range + " " + x.getRequestHeaders().getFirst("Authorization"));
    byte[] bytes = files.get(file).clone();
    if (damaged) {
      bytes[bytes.length / 2] ^= 1;
    }
    int from = range == null ? 0 : Integer.parseInt(range.replaceAll("\\D", ""));
    byte[] rest = Arrays.copyOfRange(bytes, from, bytes.length);
    if (!cuts.isEmpty()) {
      x.sendResponseHeaders(from > 0 ? 206 : 200, rest.length);
      x.getResponseBody().write(rest, 0, cuts.removeFirst());
      x.close();
      return;
    }
    answer(x, from > 0 ? 206 : 200, rest);
  }

  private static void answer(HttpExchange x, int status, byte[] body) throws IOException {
    x.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    x.getResponseBody().write(body);
    x.close();
  }

  private static String address(HttpServer server) {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  private Path pull(HubRef ref) {
    return new Hub(URI.create(address(hub)), Optional.of("my-token"), Duration.ofMillis(1))
        .pull(ref, new ModelStore(folder), (file, done, total) -> {});
  }

  @Test
  void bringsAllPartsOfOneModelAndChecksThem() throws IOException {
    Path first = pull(REF);
    assertThat(first)
        .isEqualTo(folder.resolve("maker/Model-GGUF/Model-Q4_K_M-00001-of-00002.gguf"));
    assertThat(first).hasBinaryContent(files.get("Model-Q4_K_M-00001-of-00002.gguf"));
    assertThat(first.resolveSibling("Model-Q4_K_M-00002-of-00002.gguf"))
        .hasBinaryContent(files.get("Model-Q4_K_M-00002-of-00002.gguf"));
    try (var all = Files.list(first.getParent())) {
      assertThat(all).hasSize(2);
    }
    assertThat(folder.resolve("evil.gguf")).doesNotExist();
    seen.clear();
    assertThat(pull(REF)).isEqualTo(first);
    assertThat(seen).noneMatch(s -> s.startsWith("storage"));
  }

  @Test
  void theTokenStaysWithTheHub() {
    Path ignored = pull(REF);
    assertThat(seen).anyMatch(s -> s.startsWith("hub") && s.endsWith("Bearer my-token"));
    assertThat(seen).filteredOn(s -> s.startsWith("storage")).allMatch(s -> s.endsWith("null"));
  }

  @Test
  void goesOnWhereItWasCut() {
    cuts.addAll(List.of(100_000, 50_000));
    Path first = pull(REF);
    assertThat(first).hasBinaryContent(files.get("Model-Q4_K_M-00001-of-00002.gguf"));
    assertThat(seen)
        .anyMatch(s -> s.contains("bytes=100000-"))
        .anyMatch(s -> s.contains("bytes=150000-"));
  }

  @Test
  void aServerThatIsBusyIsAskedAgain() {
    unavailable = 2;
    assertThat(pull(REF)).exists();
    unavailable = 100;
    assertThatThrownBy(() -> pull(HubRef.parse("hf:maker/Model-GGUF:Q8_0").orElseThrow()))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("status 503")
        .hasMessageContaining("goes on later");
  }

  @Test
  void damageIsFound() {
    damaged = true;
    assertThatThrownBy(() -> pull(REF))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("arrived damaged");
    assertThat(new ModelStore(folder).list()).isEmpty();
    damaged = false;
    assertThat(pull(REF)).exists();
  }

  @Test
  void whatIsMissingIsNamed() {
    assertThatThrownBy(() -> pull(HubRef.parse("hf:maker/Nothing").orElseThrow()))
        .hasMessage("the hub has no model maker/Nothing");
    assertThatThrownBy(() -> pull(HubRef.parse("hf:secret/Model").orElseThrow()))
        .hasMessageContaining("HF_TOKEN");
    assertThatThrownBy(() -> pull(HubRef.parse("hf:maker/Model-GGUF:Q4_0").orElseThrow()))
        .hasMessageContaining("no file of Q4_0")
        .hasMessageContaining("Model-Q8_0.gguf");
  }

  @Test
  void theUsualTypeIsTakenWhereNoneIsNamed() {
    assertThat(pull(HubRef.parse("hf:maker/Model-GGUF").orElseThrow()))
        .hasFileName("Model-Q4_K_M-00001-of-00002.gguf");
  }

  @Test
  void foldersOfSafetensorsComeWithWhatBelongsToThem() {
    files.clear();
    for (String name :
        List.of(
            "config.json", "tokenizer.json", "model.safetensors", "notes.txt", "x/y.safetensors")) {
      files.put(name, random(name.length(), 500));
    }
    Path model = pull(HubRef.parse("hf:maker/Model-GGUF").orElseThrow());
    assertThat(model).isDirectory();
    assertThat(model.toFile().list())
        .containsExactlyInAnyOrder("config.json", "tokenizer.json", "model.safetensors");
  }

  @Test
  void theStoreFindsListsAndForgets() {
    ModelStore store = new ModelStore(folder);
    Path first = pull(REF);
    Path small = pull(HubRef.parse("hf:maker/Model-GGUF:Q8_0").orElseThrow());
    assertThat(store.list())
        .extracting(ModelStore.Stored::path, ModelStore.Stored::bytes)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(first, 500_000L),
            org.assertj.core.groups.Tuple.tuple(small, 1000L));
    assertThat(store.find(REF)).contains(first);
    assertThat(store.remove(REF)).isEqualTo(500_000L);
    assertThat(store.find(REF)).isEmpty();
    assertThat(store.find(HubRef.parse("hf:maker/Model-GGUF").orElseThrow())).contains(small);
    assertThat(store.remove(HubRef.parse("hf:maker/Model-GGUF").orElseThrow())).isEqualTo(1000L);
    assertThat(folder.resolve("maker")).doesNotExist();
    assertThatThrownBy(() -> store.remove(REF)).hasMessageContaining("is not here");
  }

  @Test
  void references() {
    assertThat(HubRef.parse("r1-distill-qwen-1.5b").orElseThrow().quant()).contains("Q4_K_M");
    assertThat(HubRef.shortNames().values()).allMatch(r -> HubRef.parse(r).isPresent());
    assertThat(HubRef.parse("model.gguf")).isEmpty();
    for (String bad :
        List.of("hf:", "hf:a", "hf:a/..", "hf:../b", "hf:a/b/c", "hf:a/b:", "hf:a b/c")) {
      assertThatThrownBy(() -> HubRef.parse(bad)).isInstanceOf(BadInput.class);
    }
  }
}
