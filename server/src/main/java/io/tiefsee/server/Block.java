package io.tiefsee.server;

import io.tiefsee.engine.Generation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A stretch of an answer: thoughts, text, or a call of a function. Blocks follow one another; one
 * is open at a time.
 */
final class Block {
  enum Kind {
    THOUGHTS,
    TEXT,
    CALL
  }

  /** Hears of blocks while they arrive. */
  interface Listener {
    void begin(Block block) throws ClientGoneException;

    /**
     * @param text that is new; of a call it is JSON text of the arguments
     * @param tokens that the text was made of
     */
    void more(Block block, String text, List<Generation.Token> tokens) throws ClientGoneException;

    /** The block is complete. */
    void end(Block block) throws ClientGoneException;
  }

  private final int index;
  private final Kind kind;
  private final Optional<AnswerPart.Call> call;
  private final StringBuilder text = new StringBuilder();
  private final List<Generation.Token> tokens = new ArrayList<>();

  private Block(int index, Kind kind, Optional<AnswerPart.Call> call) {
    this.index = index;
    this.kind = kind;
    this.call = call;
  }

  /** Its place in the answer, from 0. */
  int index() {
    return index;
  }

  Kind kind() {
    return kind;
  }

  /** The call whose arguments it has. */
  AnswerPart.Call call() {
    return call.orElseThrow();
  }

  /** What has arrived of it. */
  String text() {
    return text.toString();
  }

  /** The tokens that it was made of so far. */
  List<Generation.Token> tokens() {
    return List.copyOf(tokens);
  }

  /** Reads an answer to its end. White space alone is no text. */
  static void read(Sample sample, Listener listener)
      throws ClientGoneException, InterruptedException {
    Reader reader = new Reader(listener);
    Optional<Sample.Delta> delta;
    while ((delta = sample.next()).isPresent()) {
      reader.accept(delta.get());
    }
    reader.close();
    sample.settle();
  }

  private static final class Reader {
    private final Listener listener;
    private final StringBuilder blank = new StringBuilder();
    private final List<Generation.Token> blankTokens = new ArrayList<>();
    private Optional<Block> open = Optional.empty();
    private int count;

    private Reader(Listener listener) {
      this.listener = listener;
    }

    private void accept(Sample.Delta delta) throws ClientGoneException {
      switch (delta.part()) {
        case AnswerPart.Thought t -> more(Kind.THOUGHTS, t.text(), delta.tokens());
        case AnswerPart.Text t -> text(t.text(), delta.tokens());
        case AnswerPart.Call c -> begin(Kind.CALL, Optional.of(c));
        case AnswerPart.Arguments a -> more(Kind.CALL, a.text(), delta.tokens());
      }
    }

    private void text(String text, List<Generation.Token> tokens) throws ClientGoneException {
      if (!isOpen(Kind.TEXT)) {
        blank.append(text);
        blankTokens.addAll(tokens);
        if (!blank.toString().isBlank()) {
          more(Kind.TEXT, blank.toString(), List.copyOf(blankTokens));
        }
      } else {
        more(Kind.TEXT, text, tokens);
      }
    }

    private boolean isOpen(Kind kind) {
      return open.isPresent() && open.get().kind == kind;
    }

    private void more(Kind kind, String text, List<Generation.Token> tokens)
        throws ClientGoneException {
      if (!isOpen(kind)) {
        begin(kind, Optional.empty());
      }
      Block block = open.orElseThrow();
      block.text.append(text);
      block.tokens.addAll(tokens);
      listener.more(block, text, tokens);
    }

    private void begin(Kind kind, Optional<AnswerPart.Call> call) throws ClientGoneException {
      close();
      open = Optional.of(new Block(count++, kind, call));
      listener.begin(open.get());
    }

    private void close() throws ClientGoneException {
      blank.setLength(0);
      blankTokens.clear();
      if (open.isPresent()) {
        listener.end(open.get());
        open = Optional.empty();
      }
    }
  }
}
