package io.tiefsee.server;

import io.tiefsee.price.Receipt;
import io.tiefsee.server.ApiException.Kind;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** OpenAI's Responses API: {@code POST /v1/responses}, and reading and forgetting what it keeps. */
final class ResponsesEndpoint implements Endpoint {
  private final Models models;
  private final long keepAliveMillis;
  private final ResponseStore store =
      new ResponseStore(ResponseStore.MAX_ENTRIES, ResponseStore.MAX_BYTES);

  ResponsesEndpoint(Models models, ServerOptions options) {
    this.models = models;
    this.keepAliveMillis = options.keepAlive() * 1000L;
  }

  @Override
  public void handle(Exchange exchange) throws Exception {
    ResponsesCall call = ResponsesCall.read(exchange.json(), store, exchange.caller());
    Model model = models.find(call.model());
    Waiting waiting = Waiting.begin(exchange, model, call.stream(), keepAliveMillis);
    try (Completion completion = Completion.start(call.request(), models.use(model), exchange)) {
      waiting.accepted(completion.samples());
      EventSink sink = call.stream() ? EventSink.to(exchange.events()) : EventSink.NONE;
      ResponseWriter writer = new ResponseWriter(call, completion, sink);
      Block.read(completion.samples().getFirst(), writer);
      Receipt receipt = completion.receipt();
      ObjectNode response = writer.finish(Optional.of(receipt).filter(r -> call.receipt()));
      if (call.store()) {
        keep(call, response, exchange.caller());
      }
      writer.sendEnd();
      if (call.stream()) {
        exchange.events().end();
      } else {
        exchange.setPrice(receipt);
        exchange.json(200, response);
      }
    }
  }

  private void keep(ResponsesCall call, ObjectNode response, Caller caller) {
    Conversation conversation = Conversation.after(call.conversation());
    for (JsonNode item : response.path("output")) {
      String text = item.path("content").path(0).path("text").asString("");
      switch (item.path("type").asString("")) {
        case "reasoning" -> conversation.thought(text);
        case "message" -> conversation.text(text);
        default ->
            conversation.call(
                item.path("call_id").asString(""),
                item.path("name").asString(""),
                item.path("arguments").asString(""));
      }
    }
    store.put(new ResponseStore.Stored(caller, response, call.input(), conversation.messages()));
  }

  /** {@code GET /v1/responses/ID}. */
  void get(Exchange exchange) throws ClientGoneException {
    exchange.json(200, stored(exchange).response());
  }

  /** {@code GET /v1/responses/ID/input_items}. */
  void inputItems(Exchange exchange) throws ClientGoneException {
    ArrayNode items = stored(exchange).input();
    ObjectNode body = JsonMapper.shared().createObjectNode().put("object", "list");
    body.set("data", items);
    body.set("first_id", items.path(0).path("id"));
    body.set("last_id", items.path(items.size() - 1).path("id"));
    exchange.json(200, body.put("has_more", false));
  }

  /** {@code DELETE /v1/responses/ID}. */
  void delete(Exchange exchange) throws ClientGoneException {
    String id = exchange.param("id").orElse("");
    if (!store.remove(id, exchange.caller())) {
      throw notFound(id);
    }
    ObjectNode body = JsonMapper.shared().createObjectNode().put("id", id);
    exchange.json(200, body.put("object", "response.deleted").put("deleted", true));
  }

  private ResponseStore.Stored stored(Exchange exchange) {
    String id = exchange.param("id").orElse("");
    return store.get(id, exchange.caller()).orElseThrow(() -> notFound(id));
  }

  private static ApiException notFound(String id) {
    return new ApiException(Kind.NOT_FOUND, "no response '" + id + "' is kept here");
  }
}
