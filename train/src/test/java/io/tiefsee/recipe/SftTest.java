package io.tiefsee.recipe;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tiefsee.eval.Problem;
import io.tiefsee.eval.Split;
import io.tiefsee.eval.Tasks;
import io.tiefsee.kernel.Isa;
import io.tiefsee.recipe.Demonstration.Piece;
import io.tiefsee.tensor.BadInput;
import io.tiefsee.text.ChatTemplate;
import io.tiefsee.text.Tokenizer;
import io.tiefsee.train.Parameter;
import io.tiefsee.train.TrainableModel;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SftTest {
  private static final SftConfig DEFAULTS = SftConfig.DEFAULTS;
  private static final SftConfig CONFIG = new SftConfig(60, 4, "", 0, 0, DEFAULTS.optimiser());

  private static Sft sft(Learner learner) {
    return new Sft("sft", CONFIG, learner, (step, index) -> count((int) step % 3 + index));
  }

  /** Counting up; what is before the fourth token is the prompt. */
  private static Example count(int from) {
    int[] tokens = new int[10];
    boolean[] learnt = new boolean[10];
    for (int i = 0; i < 10; i++) {
      tokens[i] = from + i;
      learnt[i] = i > 3;
    }
    return new Example(tokens, learnt);
  }

  private static Learner learner(TrainableModel model, int room) {
    Learner.Options options = new Learner.Options(CONFIG.optimiser().adamW(), 0.001f, room);
    return new Learner(model, options, Isa.best(), 1);
  }

  @Test
  void learns() {
    try (TrainableModel model = TrainableModel.random(LearnerTest.SPEC, true, 0.05, 1);
        Learner learner = learner(model, 256)) {
      Sft sft = sft(learner);
      double first = sft.step(0).metrics().get(Metrics.LOSS);
      double last = 0;
      for (int i = 1; i < sft.steps(); i++) {
        last = sft.step(i).metrics().get(Metrics.LOSS);
      }
      assertThat(first).isGreaterThan(2);
      assertThat(last).isLessThan(first / 2);
      assertThat(sft.step(59).metrics()).containsEntry(Metrics.TOKENS, 40.0);
    }
  }

  @Test
  void smallMicroBatchesLeadToTheSameLoss() {
    try (TrainableModel model = TrainableModel.random(LearnerTest.SPEC, true, 0.05, 1);
        TrainableModel other = TrainableModel.random(LearnerTest.SPEC, true, 0.05, 1);
        Learner wide = learner(model, 256);
        Learner narrow = learner(other, 64)) {
      double loss = sft(wide).step(0).metrics().get(Metrics.LOSS);
      assertThat(sft(narrow).step(0).metrics().get(Metrics.LOSS))
          .isCloseTo(loss, org.assertj.core.api.Assertions.within(1e-5));
    }
  }

  @Test
  void weightsThatGiveNoNumbersEndTheStage() {
    try (TrainableModel model = TrainableModel.random(LearnerTest.SPEC, true, 0.05, 1);
        Learner learner = learner(model, 256)) {
      Parameter p = model.parameters().find("output_norm.weight").orElseThrow();
      p.values().setAtIndex(JAVA_FLOAT, 0, Float.NaN);
      assertThatThrownBy(() -> sft(learner).step(0))
          .isInstanceOf(BadInput.class)
          .hasMessageContaining("the model's logits are not numbers; go on from the last");
    }
  }

  @Test
  void onlyTheResponseIsLearntAndSlipsAreNot() {
    Tokenizer tokenizer = new EmbeddedVocabulary(List.of("Use", " low", " hit")).tokenizer();
    ChatTemplate template =
        ChatTemplate.ofGguf(
            Optional.of(EmbeddedVocabulary.CHAT_TEMPLATE),
            Map.of("bos_token", EmbeddedVocabulary.BEGIN, "eos_token", EmbeddedVocabulary.END));
    Demonstration d =
        new Demonstration(
            "Use 5",
            List.of(
                new Piece(" 1 =", true), new Piece(" 5 hit\n", false), new Piece(" 1 low\n", true)),
            "5");
    Example e = new Example.Encoder(tokenizer, template).encode(d);
    StringBuilder learnt = new StringBuilder();
    StringBuilder read = new StringBuilder();
    for (int i = 0; i < e.tokens().length; i++) {
      (e.learnt()[i] ? learnt : read).append(tokenizer.decode(e.tokens()[i]));
    }
    assertThat(learnt).hasToString(" 1 = 1 low\n</think>\n\n5" + EmbeddedVocabulary.END);
    assertThat(read)
        .hasToString(
            EmbeddedVocabulary.BEGIN
                + EmbeddedVocabulary.USER
                + "Use 5"
                + EmbeddedVocabulary.ASSISTANT
                + "<think>\n 5 hit\n");
    assertThat(e.targets()).isEqualTo(10);
  }

  /** Whatever the template writes of the mark: what is marked and learnt again stays the same. */
  @Test
  void thoughtsComeBackAsTheyWereWhateverTheTemplateOpens() {
    Tokenizer tokenizer = new EmbeddedVocabulary(List.of("Use")).tokenizer();
    Problem problem = Tasks.find("compare").generate(1, Split.TRAIN, 1);
    for (String opened : List.of("", "<think>", "<think>\n")) {
      ChatTemplate template =
          ChatTemplate.ofGguf(
              Optional.of(
                  "{% for m in messages %}{{ m['content'] }}{% endfor %}"
                      + EmbeddedVocabulary.ASSISTANT
                      + opened.replace("\n", "{{ '\\n' }}")),
              Map.of());
      Demonstration d = Demonstration.of(problem.question(), " so\n", "7");
      Example e = new Example.Encoder(tokenizer, template).encode(d);
      TaskQuestion question = new TaskQuestion(problem, tokenizer, template);
      int from = question.prompt().length;
      int[] answer = Arrays.copyOfRange(e.tokens(), from, e.tokens().length - 1);
      assertThat(question.mark(answer).thinking()).as(opened).isEqualTo(" so\n");
      assertThat(tokenizer.decode(e.tokens())).containsOnlyOnce("<think>");
    }
  }
}
