package io.tiefsee.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code tiefsee serve} as a process of its own, with the tiny model on a free port. */
final class ServeProcess implements AutoCloseable {
  private static final Pattern LISTENING = Pattern.compile("listening on (http://\\S+)");
  private static final Duration LIMIT = Duration.ofMinutes(2);

  private final Process process;
  private final HttpClient client = HttpClient.newHttpClient();
  private final List<String> said = new ArrayList<>();
  private final Thread reader;

  private ServeProcess(Process process) {
    this.process = process;
    reader = Thread.ofPlatform().daemon().start(this::read);
  }

  /** Starts a server with more options; returns when it serves. */
  static ServeProcess start(String... more) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("@" + Cli.ROOT.resolve("jvm.options"));
    command.add("-Dtiefsee.home=" + Cli.ROOT.toAbsolutePath());
    command.addAll(List.of("-cp", classPath(), Main.class.getName()));
    command.addAll(List.of("serve", "-m", Cli.TINY, "-p", "0"));
    command.addAll(List.of(more));
    ServeProcess serving = new ServeProcess(new ProcessBuilder(command).start());
    serving.awaitLine("tokens/s");
    return serving;
  }

  private static String classPath() {
    return System.getProperty(
        "surefire.test.class.path", System.getProperty("java.class.path", "") + File.pathSeparator);
  }

  private void read() {
    try (BufferedReader err = process.errorReader()) {
      for (String line = err.readLine(); line != null; line = err.readLine()) {
        synchronized (said) {
          said.add(line);
          said.notifyAll();
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Lines of standard error so far that have this in them. */
  List<String> lines(String part) {
    synchronized (said) {
      return said.stream().filter(line -> line.contains(part)).toList();
    }
  }

  /** Waits until it says something. */
  void awaitLine(String part) throws InterruptedException {
    long end = System.nanoTime() + LIMIT.toNanos();
    synchronized (said) {
      while (lines(part).isEmpty()) {
        assertThat(System.nanoTime()).as("%s in %s", part, said).isLessThan(end);
        assertThat(process.isAlive()).as("%s", said).isTrue();
        said.wait(1000);
      }
    }
  }

  private HttpRequest.Builder request(String path) {
    Matcher address = LISTENING.matcher(lines("listening on").getFirst());
    assertThat(address.find()).isTrue();
    return HttpRequest.newBuilder(URI.create(address.group(1) + path)).timeout(LIMIT);
  }

  HttpResponse<String> get(String path) throws Exception {
    return client.send(request(path).build(), BodyHandlers.ofString());
  }

  HttpResponse<String> post(String path, String body) throws Exception {
    return client.send(
        request(path).POST(BodyPublishers.ofString(body)).build(), BodyHandlers.ofString());
  }

  long pid() {
    return process.pid();
  }

  /** SIGTERM; waits for the end and returns the exit status. */
  int stop() throws InterruptedException {
    process.destroy();
    assertThat(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    return process.exitValue();
  }

  /** SIGKILL. */
  void kill() throws InterruptedException {
    process.destroyForcibly();
    assertThat(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(reader.join(LIMIT)).isTrue();
  }

  @Override
  public void close() {
    process.destroyForcibly();
    client.close();
  }
}
