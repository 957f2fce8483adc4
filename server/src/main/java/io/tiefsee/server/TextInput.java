package io.tiefsee.server;

import io.tiefsee.text.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** What a model is given as it is: a text, or tokens. */
sealed interface TextInput {
  /** A text; where the model wants a beginning-of-sequence token, it comes before it. */
  record Text(String text) implements TextInput {}

  /** Token ids, with nothing added. */
  record Tokens(int[] ids) implements TextInput {}

  /**
   * A field with one input or several: a string, an array of strings, an array of token ids, or an
   * array of such arrays.
   *
   * @param most that there may be
   * @throws ApiException if it is none of these, or there is none
   */
  static List<TextInput> read(Fields fields, String name, int most) {
    JsonNode node = fields.value(name).orElseThrow(() -> fields.invalid(name, "is missing"));
    List<TextInput> inputs = new ArrayList<>();
    if (node.isString()) {
      inputs.add(new Text(node.stringValue()));
    } else if (node.isArray() && node.path(0).isNumber()) {
      inputs.add(new Tokens(ids(fields, name, node)));
    } else if (node.isArray()) {
      for (JsonNode element : node) {
        String place = name + "[" + inputs.size() + "]";
        inputs.add(
            element.isString()
                ? new Text(element.stringValue())
                : new Tokens(ids(fields, place, element)));
      }
    } else {
      throw fields.wrongType(name, "must be a string or an array");
    }
    if (inputs.isEmpty() || inputs.size() > most) {
      throw fields.invalid(name, "must have 1 to " + most + " elements");
    }
    return inputs;
  }

  /** A field with an array of token ids. */
  static int[] tokens(Fields fields, String name) {
    return ids(
        fields, name, fields.value(name).orElseThrow(() -> fields.invalid(name, "is missing")));
  }

  private static int[] ids(Fields fields, String name, JsonNode array) {
    if (!array.isArray()) {
      throw fields.wrongType(name, "must be a string or an array of token ids");
    }
    int[] ids = new int[array.size()];
    for (int i = 0; i < ids.length; i++) {
      JsonNode id = array.get(i);
      if (!id.isIntegralNumber()) {
        throw fields.wrongType(name + "[" + i + "]", "must be a token id");
      }
      if (!id.canConvertToInt() || id.intValue() < 0) {
        throw fields.invalid(name + "[" + i + "]", "must be a token id");
      }
      ids[i] = id.intValue();
    }
    return ids;
  }

  /**
   * Its tokens.
   *
   * @param parseSpecial whether special tokens that a text spells out become these tokens
   */
  default int[] tokens(Tokenizer tokenizer, boolean parseSpecial) {
    return switch (this) {
      case Tokens t -> t.ids();
      case Text t -> {
        int[] ids = tokenizer.encode(t.text(), parseSpecial);
        boolean there =
            tokenizer.bos().isPresent() && ids.length > 0 && ids[0] == tokenizer.bos().getAsInt();
        yield there || !tokenizer.addBos()
            ? ids
            : tokenizer.encode(t.text(), new Tokenizer.EncodeOptions(parseSpecial, true));
      }
    };
  }

  /** Its text, as far as it is known without the model. */
  default Optional<String> asText() {
    return this instanceof Text t ? Optional.of(t.text()) : Optional.empty();
  }
}
