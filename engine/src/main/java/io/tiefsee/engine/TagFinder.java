package io.tiefsee.engine;

import io.tiefsee.text.Tokenizer;
import java.util.Optional;

/** Watches a text, token by token, for a tag, which may be one token or parts of several. */
final class TagFinder {
  private final Tokenizer.Decoder decoder;
  private final String tag;
  private final StringBuilder tail = new StringBuilder();

  TagFinder(Tokenizer tokenizer, String tag) {
    this.decoder = tokenizer.decoder();
    this.tag = tag;
  }

  /** Takes a token; gives the text behind the tag, once the tag is there. */
  Optional<String> accept(int token) {
    tail.append(decoder.accept(token));
    int at = tail.indexOf(tag);
    if (at >= 0) {
      return Optional.of(tail.substring(at + tag.length()));
    }
    if (tail.length() > tag.length()) {
      tail.delete(0, tail.length() - tag.length());
    }
    return Optional.empty();
  }

  /** The last characters of the text, as many as the tag has. */
  CharSequence tail() {
    return tail;
  }
}
