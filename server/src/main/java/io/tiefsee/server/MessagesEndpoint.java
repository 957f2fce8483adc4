package io.tiefsee.server;

import io.tiefsee.price.Receipt;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/** {@code POST /v1/messages}, Anthropic's API. */
final class MessagesEndpoint implements Endpoint {
  private final Models models;
  private final long keepAliveMillis;

  MessagesEndpoint(Models models, ServerOptions options) {
    this.models = models;
    this.keepAliveMillis = options.keepAlive() * 1000L;
  }

  @Override
  public void handle(Exchange exchange) throws Exception {
    MessagesCall call = MessagesCall.read(exchange.json(), true);
    Model model = models.find(call.model());
    Waiting waiting = Waiting.begin(exchange, model, call.stream(), keepAliveMillis);
    try (Completion completion = Completion.start(call.request(), models.use(model), exchange)) {
      waiting.accepted(completion.samples());
      Sample sample = completion.samples().getFirst();
      EventSink sink = call.stream() ? EventSink.to(exchange.events()) : EventSink.NONE;
      MessageWriter writer = new MessageWriter(model.name(), sample, sink);
      Block.read(sample, writer);
      Receipt receipt = completion.receipt();
      ObjectNode message = writer.finish(Optional.of(receipt).filter(r -> call.receipt()));
      if (call.stream()) {
        exchange.events().end();
      } else {
        exchange.setPrice(receipt);
        exchange.json(200, message);
      }
    }
  }
}
