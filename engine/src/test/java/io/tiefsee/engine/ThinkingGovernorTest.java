package io.tiefsee.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tiefsee.engine.Generation.FinishReason;
import io.tiefsee.engine.Generation.Note;
import io.tiefsee.format.GgufFile;
import io.tiefsee.grammar.Gbnf;
import io.tiefsee.grammar.TokenTrie;
import io.tiefsee.model.TestModel;
import io.tiefsee.tensor.BadInput;
import io.tiefsee.tensor.QuantType;
import io.tiefsee.text.ChatTemplate;
import io.tiefsee.text.ReasoningParser;
import io.tiefsee.text.ReasoningParser.Piece;
import io.tiefsee.text.Tokenizer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Thoughts that are closed in time, and loops that are cut; the tag is several tokens here. */
@Timeout(120)
class ThinkingGovernorTest {
  private static final Tokenizer TOKENIZER = tokenizer();
  private static final int EOS = TOKENIZER.endOfGeneration().iterator().next();
  private static final RequestOptions PLAIN = RequestOptions.defaults();

  private static Tokenizer tokenizer() {
    try (GgufFile file = GgufFile.open(Load.LLAMA)) {
      return Tokenizer.fromGguf(file.metadata());
    }
  }

  private static int[] encode(String text) {
    return TOKENIZER.encode(text, true);
  }

  private final List<Note> notes = new ArrayList<>();

  /**
   * Plays an answer: a model that wants to write {@code text}, under a governor. What the governor
   * forces replaces the model's wish, which then starts over behind it.
   */
  private String play(RequestOptions options, String prompt, String text, int most) {
    int[] p = encode(prompt);
    TokenGuide governor = ThinkingGovernor.of(options, Optional.of(TOKENIZER), p, most, notes::add);
    int[] wish = encode(text);
    int[] tokens = Arrays.copyOf(p, p.length + most);
    int length = p.length;
    for (int i = 0; length < tokens.length && i < wish.length; i++) {
      float[] logits = new float[TOKENIZER.vocabSize()];
      logits[wish[i]] = 8;
      governor.guide(tokens, p.length, length, logits);
      int best = 0;
      for (int t = 0; t < logits.length; t++) {
        best = logits[t] > logits[best] ? t : best;
      }
      tokens[length++] = best;
      if (governor.ends(tokens, p.length, length)) {
        break;
      }
    }
    return TOKENIZER.decode(Arrays.copyOfRange(tokens, p.length, length));
  }

  private static RequestOptions budget(int tokens) {
    return PLAIN.withThinkingBudget(ThinkingBudget.ofTokens(tokens));
  }

  @Test
  void theTagIsSeveralTokensHere() {
    assertThat(encode("</think>").length).isGreaterThan(1);
  }

  @Test
  void thoughtsEndAtASentencesEnd() {
    String text = "one two three. four five. six seven eight nine ten. " + "more and ".repeat(60);
    int[] upTo = encode("one two three. four f");
    String answer = play(budget(upTo.length), "hello <think>\n", text, 2000);
    assertThat(answer).startsWith("one two three. four five.\n</think>");
    assertThat(notes).containsExactly(Note.THINKING_BUDGET);
  }

  @Test
  void withoutASentencesEndPatienceEnds() {
    String text = "and so on ".repeat(200);
    String answer = play(budget(20), "hello <think>\n", text, 2000);
    int close = answer.indexOf("</think>");
    assertThat(close).isPositive();
    assertThat(encode(answer.substring(0, close)).length).isBetween(20, 20 + 48);
    assertThat(answer.indexOf("</think>", close + 8)).isNegative();
  }

  @Test
  void aModelThatClosesByItselfIsLeftAlone() {
    String text = "short.</think>The answer is four, and that is the end of the long answer.";
    assertThat(play(budget(200), "hello <think>\n", text, 2000)).isEqualTo(text);
    assertThat(play(budget(0), "hello", "No thoughts here at all.", 2000))
        .isEqualTo("No thoughts here at all.");
    assertThat(notes).isEmpty();
  }

  @Test
  void aBudgetOfNothingClosesAtOnce() {
    assertThat(play(budget(0), "hello <think>\n", "x".repeat(90), 500)).startsWith("</think>");
    assertThat(play(budget(0), "hello", "<think>" + "x".repeat(90), 500))
        .startsWith("<think></think>");
    RequestOptions time = PLAIN.withThinkingBudget(ThinkingBudget.ofTime(Duration.ZERO));
    assertThat(play(time, "hello <think>\n", "x".repeat(90), 500)).startsWith("</think>");
    RequestOptions either =
        PLAIN.withThinkingBudget(ThinkingBudget.ofTokens(1000).or((tokens, nanos) -> tokens >= 3));
    String answer = play(either, "hello <think>\n", "a. b. c. d. e. f. g. h. i. j. ", 500);
    assertThat(answer).contains("</think>").doesNotContain("g.</think>");
    assertThatThrownBy(() -> ThinkingBudget.ofTokens(-1)).isInstanceOf(BadInput.class);
  }

  @Test
  void roomIsKeptForTheAnswer() {
    for (int most : new int[] {20, 60, 300, 1000}) {
      notes.clear();
      String text = "and so on and on ".repeat(400);
      String answer = play(budget(100_000), "hello <think>\n", text, most);
      int close = answer.indexOf("</think>");
      assertThat(close).describedAs("%d tokens", most).isPositive();
      int thoughts = encode(answer.substring(0, close + 8)).length;
      assertThat(most - thoughts).isGreaterThanOrEqualTo(most / 4 - 1);
      assertThat(notes).containsExactly(Note.THINKING_ROOM);
    }
    String answer =
        play(
            budget(9).withAnswerReserve(0),
            "hello <think>\n",
            "a b c d e f g h. and so it goes on and on",
            2000);
    assertThat(answer).contains("</think>");
  }

  @Test
  void loopsEndThoughtsAndThenTheAnswer() {
    RequestOptions guarded = PLAIN.withLoopGuard(LoopGuard.defaults());
    String answer = play(guarded, "hello <think>\n", "wait, no. ".repeat(300), 3000);
    assertThat(answer).contains("</think>");
    int close = answer.indexOf("</think>");
    assertThat(encode(answer.substring(0, close)).length).isLessThan(100);
    assertThat(encode(answer.substring(close)).length).isLessThan(110);
    assertThat(notes).containsExactly(Note.THINKING_LOOP, Note.ANSWER_LOOP);
  }

  @Test
  void theLoopDetectorKnowsRepetitionFromList() {
    LoopGuard guard = new LoopGuard(12, 3, 20);
    assertThat(firstLoop(guard, i -> 7)).isEqualTo(12);
    assertThat(firstLoop(guard, i -> i % 2)).isEqualTo(12);
    assertThat(firstLoop(guard, i -> i % 10)).isEqualTo(30);
    assertThat(firstLoop(guard, i -> i < 100 ? i : i % 20)).isEqualTo(160);
    assertThat(firstLoop(guard, i -> i % 21)).isEqualTo(-1);
    assertThat(firstLoop(guard, i -> i % 4 == 3 ? i : i % 4)).isEqualTo(-1);
    assertThatThrownBy(() -> new LoopGuard(1, 1, 1)).isInstanceOf(BadInput.class);
  }

  private static int firstLoop(LoopGuard guard, java.util.function.IntUnaryOperator text) {
    LoopDetector detector = new LoopDetector(guard);
    for (int i = 0; i < 500; i++) {
      if (detector.accept(text.applyAsInt(i))) {
        return i + 1;
      }
    }
    return -1;
  }

  @Test
  void theEngineSaysWhatItDid() throws InterruptedException {
    try (Engine engine = Engine.open(Load.LLAMA)) {
      int[] prompt = engine.tokenizer().orElseThrow().encode("hello <think>\n", true);
      SamplingParams params = Load.sampled(3, 300);
      Generation g = engine.submit(prompt, params, TokenGuide.NONE, budget(30));
      String text = TOKENIZER.decode(g.await());
      assertThat(text).contains("</think>");
      assertThat(g.notes()).isEqualTo(Set.of(Note.THINKING_BUDGET));
      Generation again = engine.submit(prompt, params, TokenGuide.NONE, budget(30));
      assertThat(TOKENIZER.decode(again.await())).isEqualTo(text);

      // A greedy answer of a tiny model goes round in circles sooner or later.
      SamplingParams greedy = SamplingParams.GREEDY.toBuilder().ignoreEos(true).build();
      LoopGuard quick = new LoopGuard(12, 3, 64);
      Generation loop =
          engine.submit(
              encode("a"),
              greedy,
              (t, p, length, logits) -> logits[EOS] = 99,
              PLAIN.withLoopGuard(quick));
      assertThat(loop.await()).hasSize(12);
      assertThat(loop.finishReason()).contains(FinishReason.LENGTH);
      assertThat(loop.notes()).isEqualTo(Set.of(Note.ANSWER_LOOP));
    }
  }

  @Test
  void whereTheTagIsOneTokenTheEmbeddedModelAnswersAfterIt() throws InterruptedException {
    Path model =
        Path.of(System.getProperty("tiefsee.root", ".."), "models/embedded/tiefsee-embedded.gguf");
    try (Engine engine = Engine.open(model)) {
      Tokenizer t = engine.tokenizer().orElseThrow();
      assertThat(t.id("</think>")).isPresent();
      String prompt =
          engine
              .chatTemplate()
              .orElseThrow()
              .render(
                  ChatTemplate.Request.of(
                      List.of(new ChatTemplate.Message("user", "What is 12 + 30?"))));
      Generation g =
          engine.submit(
              Engine.tokens(t, prompt),
              SamplingParams.GREEDY.toBuilder().maxTokens(200).build(),
              TokenGuide.NONE,
              budget(4));
      List<Piece> pieces = new ArrayList<>();
      new TextGeneration(g, t, ReasoningParser.forPrompt(prompt), List.of()).forEach(pieces::add);
      assertThat(g.notes()).isEqualTo(Set.of(Note.THINKING_BUDGET));
      assertThat(pieces).hasAtLeastOneElementOfType(ReasoningParser.Answer.class);
      assertThat(g.finishReason()).contains(FinishReason.STOP);
    }
  }

  @Test
  void aGrammarHoldsAfterTheForcedTag() throws InterruptedException {
    try (Engine engine = Engine.open(Load.LLAMA)) {
      String text = "hello <think>\n";
      GrammarGuide guide =
          new GrammarGuide(
              Gbnf.parse("root ::= \"yes\" | \"no\""), TokenTrie.of(TOKENIZER), TOKENIZER, text);
      Generation g =
          engine.submit(
              TOKENIZER.encode(text, true),
              SamplingParams.builder().seed(5).maxTokens(200).build(),
              guide,
              budget(10));
      int[] tokens = g.await();
      assertThat(g.finishReason()).contains(FinishReason.STOP);
      String whole = TOKENIZER.decode(Arrays.copyOf(tokens, tokens.length - 1));
      assertThat(whole.substring(whole.indexOf("</think>") + 8).strip()).isIn("yes", "no");
    }
  }

  @Test
  void aBudgetNeedsATokenizer() {
    var isa = io.tiefsee.kernel.Isa.best();
    try (TestModel m = new TestModel(Load.LLAMA, isa, 1, QuantType.F32, QuantType.F32);
        Engine engine = Engine.of(m.transformer, Set.of(), EngineOptions.defaults().reference())) {
      assertThatThrownBy(
              () -> engine.submit(new int[] {1}, Load.sampled(1, 1), TokenGuide.NONE, budget(1)))
          .isInstanceOf(BadInput.class)
          .hasMessageContaining("tokenizer");
    }
  }
}
