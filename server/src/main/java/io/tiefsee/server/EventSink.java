package io.tiefsee.server;

import tools.jackson.databind.node.ObjectNode;

/** Takes the events of an answer while it is made; each says in {@code type} what it is. */
@FunctionalInterface
interface EventSink {
  /** For answers that are given whole. */
  EventSink NONE = event -> {};

  void send(ObjectNode event) throws ClientGoneException;

  /** Sends them to the client, under their types as names. */
  static EventSink to(EventStream events) {
    return event -> events.send(event.path("type").stringValue(), Json.text(event));
  }
}
