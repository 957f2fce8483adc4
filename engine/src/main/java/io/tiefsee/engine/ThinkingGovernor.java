package io.tiefsee.engine;

import io.tiefsee.engine.Generation.Note;
import io.tiefsee.tensor.BadInput;
import io.tiefsee.text.ReasoningParser;
import io.tiefsee.text.Tokenizer;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Ends thoughts that have cost enough, leave no room for the answer or go round in circles, and
 * answers that go round in circles.
 *
 * <p>Thoughts are closed softly: the governor first waits, for a bounded number of tokens, for the
 * end of a sentence or for the model's own {@code </think>}, which it makes more likely with each
 * token (and the end of the line with it); then it writes the tag itself. A loop is cut at once.
 * Where the tag is several tokens, they are written one after the other.
 */
final class ThinkingGovernor implements TokenGuide {
  private static final String OPEN = "<think>";
  private static final String CLOSE = "</think>";

  /** Tokens that a soft close may take at most; less where there is little room at all. */
  private static final int PATIENCE = 48;

  /** What the tag's logit has gained when patience ends. */
  private static final float LAST_BIAS = 12;

  /** The largest reserve for the answer that is not asked for. */
  private static final int USUAL_RESERVE = 512;

  /** Tokens at the prompt's end that tell whether it opens the thoughts. */
  private static final int PROMPT_TAIL = 16;

  private enum State {
    /** Nothing yet: thoughts may open. */
    START,
    THINKING,
    /** The thoughts are to end soon. */
    CLOSING,
    /** The tag is being written. */
    FORCING,
    ANSWERING
  }

  /** What a tokenizer makes of the tag. */
  private record Tags(Tokenizer tokenizer, int[] close, int[] lineAndClose, int[] lineEnds) {
    static Tags of(Tokenizer t) {
      int[] lineEnds =
          Stream.of("\n", "\n\n", ".\n", ".\n\n")
              .map(text -> t.encode(text, false))
              .filter(ids -> ids.length == 1)
              .flatMapToInt(IntStream::of)
              .toArray();
      return new Tags(t, t.encode(CLOSE, true), t.encode("\n" + CLOSE, true), lineEnds);
    }
  }

  private final Optional<Tags> tags;
  private final Optional<ThinkingBudget> budget;
  private final Optional<LoopDetector> loops;
  private final Consumer<Note> notes;
  private final int patience;

  /** Tokens of the answer, thoughts included, at which the thoughts have to begin to close. */
  private final int latest;

  private final StringBuilder opening = new StringBuilder();
  private State state;
  private Optional<TagFinder> closeFinder = Optional.empty();
  private int read;
  private int thoughts;
  private long began;
  private int waited;
  private int[] forced = {};
  private int written;
  private boolean looping;

  private ThinkingGovernor(
      RequestOptions options, Optional<Tags> tags, boolean opened, int most, Consumer<Note> notes) {
    this.tags = tags;
    this.budget = options.thinkingBudget();
    this.loops = options.loopGuard().map(LoopDetector::new);
    this.notes = notes;
    this.patience = Math.min(PATIENCE, most / 8);
    int reserve = options.answerReserve().orElse(Math.min(USUAL_RESERVE, most / 4));
    int tag = tags.map(t -> t.lineAndClose.length).orElse(0);
    this.latest = Math.max(0, most - reserve - patience - tag);
    this.state = tags.isEmpty() ? State.ANSWERING : State.START;
    if (opened) {
      think();
    }
  }

  /**
   * The governor that a request asks for; {@link TokenGuide#NONE} if it asks for none.
   *
   * @param most tokens that the request may generate
   * @param notes hears what the governor does
   * @throws BadInput if there is a budget, but no tokenizer to know thoughts by
   */
  static TokenGuide of(
      RequestOptions options,
      Optional<Tokenizer> tokenizer,
      int[] prompt,
      int most,
      Consumer<Note> notes) {
    if (options.thinkingBudget().isPresent() && tokenizer.isEmpty()) {
      throw new BadInput("a thinking budget needs a model with a tokenizer");
    }
    if (options.thinkingBudget().isEmpty() && options.loopGuard().isEmpty()) {
      return NONE;
    }
    int[] tail =
        Arrays.copyOfRange(prompt, Math.max(0, prompt.length - PROMPT_TAIL), prompt.length);
    boolean opened =
        tokenizer.isPresent() && ReasoningParser.opens(tokenizer.get().decode(tail), OPEN);
    return new ThinkingGovernor(options, tokenizer.map(Tags::of), opened, most, notes);
  }

  @Override
  public void guide(int[] tokens, int promptLength, int length, float[] logits) {
    readOn(tokens, promptLength, length);
    if (state == State.THINKING) {
      decide(length - promptLength);
    }
    if (state == State.CLOSING) {
      if (waited >= patience || endsSentence()) {
        force();
      } else {
        waited++;
        lean(logits);
      }
    }
    if (state == State.FORCING) {
      float kept = Math.max(logits[forced[written]], 0); // −∞ where something else forbids it
      Arrays.fill(logits, Float.NEGATIVE_INFINITY);
      logits[forced[written]] = kept;
    }
  }

  @Override
  public boolean ends(int[] tokens, int promptLength, int length) {
    readOn(tokens, promptLength, length);
    if (state == State.ANSWERING && looping) {
      notes.accept(Note.ANSWER_LOOP);
      return true;
    }
    return false;
  }

  private void readOn(int[] tokens, int promptLength, int length) {
    while (promptLength + read < length) {
      accept(tokens[promptLength + read]);
      read++;
    }
  }

  private void accept(int token) {
    if (loops.isPresent()) {
      looping = loops.get().accept(token);
    }
    switch (state) {
      case START -> {
        opening.append(tags.orElseThrow().tokenizer.decode(token));
        String text = opening.toString().stripLeading();
        if (text.startsWith(OPEN)) {
          think();
        } else if (!OPEN.startsWith(text)) {
          state = State.ANSWERING;
        }
      }
      case THINKING, CLOSING, FORCING -> {
        thoughts++;
        if (state == State.CLOSING && token == tags.orElseThrow().close[0]) {
          forced = tags.orElseThrow().close; // the model has begun the tag by itself
          written = 0;
          state = State.FORCING;
        }
        boolean closed = closeFinder.orElseThrow().accept(token).isPresent();
        if (state == State.FORCING) {
          written++;
          closed |= written == forced.length;
        }
        if (closed) {
          answer();
        }
      }
      case ANSWERING -> {}
    }
  }

  private void think() {
    state = State.THINKING;
    closeFinder = Optional.of(new TagFinder(tags.orElseThrow().tokenizer, CLOSE));
  }

  /** The thoughts are closed; what loops from here on is the answer. */
  private void answer() {
    state = State.ANSWERING;
    looping = false;
    loops.ifPresent(LoopDetector::reset);
  }

  /** Whether the thoughts have to end. */
  private void decide(int generated) {
    long now = System.nanoTime();
    began = began == 0 ? now : began;
    if (looping) {
      notes.accept(Note.THINKING_LOOP);
      force();
    } else if (budget.isPresent() && budget.get().isSpent(thoughts, now - began)) {
      notes.accept(Note.THINKING_BUDGET);
      state = State.CLOSING;
    } else if (budget.isPresent() && generated >= latest) {
      notes.accept(Note.THINKING_ROOM);
      state = State.CLOSING;
    }
  }

  private void force() {
    Tags t = tags.orElseThrow();
    CharSequence tail = closeFinder.orElseThrow().tail();
    boolean lineStart = tail.isEmpty() || tail.charAt(tail.length() - 1) == '\n';
    forced = lineStart ? t.close : t.lineAndClose;
    written = 0;
    state = State.FORCING;
  }

  /** Makes the tag, and the end of the line before it, more likely. */
  private void lean(float[] logits) {
    float bias = LAST_BIAS * waited / patience;
    Tags t = tags.orElseThrow();
    logits[t.close[0]] += bias;
    for (int id : t.lineEnds) {
      logits[id] += bias / 2;
    }
  }

  /** Whether the thoughts may be cut here: at their very start, a line's or a sentence's end. */
  private boolean endsSentence() {
    CharSequence tail = closeFinder.orElseThrow().tail();
    int i = tail.length() - 1;
    while (i >= 0 && "\"'”’)]* ".indexOf(tail.charAt(i)) >= 0) {
      i--;
    }
    if (i < 0) {
      return tail.isEmpty();
    }
    char c = tail.charAt(i);
    boolean afterDigit = i > 0 && Character.isDigit(tail.charAt(i - 1)); // 3.|14
    return c == '\n' || "!?…。！？".indexOf(c) >= 0 || (c == '.' && !afterDigit);
  }
}
