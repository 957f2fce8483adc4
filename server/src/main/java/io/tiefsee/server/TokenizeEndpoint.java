package io.tiefsee.server;

import io.tiefsee.text.Tokenizer;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code POST /tokenize}. With {@code content} it answers as llama-server does, with {@code prompt}
 * or {@code messages} as vLLM does.
 */
final class TokenizeEndpoint implements Endpoint {
  private final Models models;

  TokenizeEndpoint(Models models) {
    this.models = models;
  }

  @Override
  public void handle(Exchange exchange) throws Exception {
    Fields fields = exchange.json();
    Model model = models.find(fields.string("model"));
    ObjectNode body;
    if (fields.has("content")) {
      body = content(fields, model);
    } else if (fields.has("messages")) {
      body = messages(fields, model);
    } else if (fields.has("prompt")) {
      body = prompt(fields, model);
    } else {
      throw fields.invalid("content", "is missing: give content, prompt or messages");
    }
    exchange.json(200, body);
  }

  private ObjectNode content(Fields fields, Model model) throws InterruptedException {
    String text = fields.requiredString("content");
    boolean special = fields.bool("parse_special").orElse(true);
    boolean begin = fields.bool("add_special").orElse(false);
    boolean pieces = fields.bool("with_pieces").orElse(false);
    try (Model.Lease lease = models.use(model)) {
      Tokenizer tokenizer = lease.tokenizer();
      boolean bos = begin && tokenizer.addBos();
      ObjectNode body = JsonMapper.shared().createObjectNode();
      ArrayNode tokens = body.putArray("tokens");
      for (int id : tokenizer.encode(text, new Tokenizer.EncodeOptions(special, bos))) {
        if (pieces) {
          putPiece(tokens.addObject().put("id", id), tokenizer.bytes(id));
        } else {
          tokens.add(id);
        }
      }
      return body;
    }
  }

  /** A text where the bytes are one, else the bytes. */
  private static void putPiece(ObjectNode to, byte[] bytes) {
    try {
      to.put(
          "piece", StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
    } catch (CharacterCodingException e) {
      ArrayNode list = to.putArray("piece");
      for (byte b : bytes) {
        list.add(b & 0xff);
      }
    }
  }

  private ObjectNode prompt(Fields fields, Model model) throws InterruptedException {
    String text = fields.requiredString("prompt");
    boolean begin = fields.bool("add_special_tokens").orElse(true);
    Optional<Boolean> strings = fields.bool("return_token_strs");
    try (Model.Lease lease = models.use(model)) {
      Tokenizer tokenizer = lease.tokenizer();
      int[] ids =
          begin ? new TextInput.Text(text).tokens(tokenizer, true) : tokenizer.encode(text, true);
      return counted(ids, strings.orElse(false), lease);
    }
  }

  private ObjectNode messages(Fields fields, Model model) throws InterruptedException {
    ChatRequest request = ChatCall.read(fields, Dialect.DEEPSEEK_2026).request();
    Optional<Boolean> strings = fields.bool("return_token_strs");
    try (Model.Lease lease = models.use(model)) {
      return counted(Prompt.of(request, lease).tokens(), strings.orElse(false), lease);
    }
  }

  private static ObjectNode counted(int[] ids, boolean strings, Model.Lease lease) {
    ObjectNode body = JsonMapper.shared().createObjectNode().put("count", ids.length);
    body.put("max_model_len", lease.engine().contextLength());
    ArrayNode tokens = body.putArray("tokens");
    for (int id : ids) {
      tokens.add(id);
    }
    if (strings) {
      ArrayNode texts = body.putArray("token_strs");
      for (int id : ids) {
        texts.add(lease.tokenizer().text(id));
      }
    }
    return body;
  }
}
