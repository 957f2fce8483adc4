package io.tiefsee.server;

/**
 * Who sends a request.
 *
 * @param name of the API key; empty where the server asks for none
 */
public record Caller(String name) {
  /** Everybody, on a server without keys. */
  public static final Caller ANYONE = new Caller("");
}
