package io.tiefsee.server;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;

/** A client that sends what no library would. */
final class RawClient implements AutoCloseable {
  private static final int LIMIT_MILLIS = 60_000;

  private final Socket socket;
  private final BufferedReader in;

  RawClient(int port) throws IOException {
    this(port, new Socket());
  }

  private RawClient(int port, Socket socket) throws IOException {
    this.socket = socket;
    socket.connect(new InetSocketAddress("127.0.0.1", port));
    socket.setSoTimeout(LIMIT_MILLIS);
    in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
  }

  /** One that takes little before it is read. */
  static RawClient withSmallBuffer(int port) throws IOException {
    Socket socket = new Socket();
    socket.setReceiveBufferSize(4096);
    return new RawClient(port, socket);
  }

  /** A chat request with a JSON body. */
  static String post(String body) {
    return post("/v1/chat/completions", body);
  }

  /** A request with a JSON body. */
  static String post(String path, String body) {
    return head(path, body.getBytes(StandardCharsets.UTF_8).length) + body;
  }

  /** What comes before a body of so many bytes. */
  static String head(String path, long length) {
    return "POST "
        + path
        + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: "
        + length
        + "\r\n\r\n";
  }

  void send(String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
    socket.getOutputStream().flush();
  }

  /** The next line; empty where the server has closed the connection. */
  String readLine() throws IOException {
    String line = in.readLine();
    return line == null ? "" : line;
  }

  /** All that comes until the server closes the connection, or resets it. */
  String readToEnd() {
    StringBuilder text = new StringBuilder();
    try {
      for (int c = in.read(); c >= 0; c = in.read()) {
        text.append((char) c);
      }
    } catch (SocketTimeoutException e) {
      throw new AssertionError("the server keeps the connection", e);
    } catch (IOException e) {
      // A reset is an end too.
      return text.toString();
    }
    return text.toString();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
