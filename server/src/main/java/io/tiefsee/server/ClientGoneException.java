package io.tiefsee.server;

import java.io.IOException;

/** The client has closed the connection, or does not read what it is sent. */
public final class ClientGoneException extends IOException {
  private static final long serialVersionUID = 1L;

  ClientGoneException(String message) {
    super(message);
  }
}
