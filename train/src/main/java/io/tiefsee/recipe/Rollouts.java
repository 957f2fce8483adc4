package io.tiefsee.recipe;

import io.tiefsee.engine.Engine;
import io.tiefsee.engine.EngineOptions;
import io.tiefsee.engine.Generation;
import io.tiefsee.engine.SamplingParams;
import io.tiefsee.kernel.Isa;
import io.tiefsee.model.Transformer;
import io.tiefsee.tensor.BadInput;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * Samples answers with the engine that serves, straight from the weights that are being trained:
 * after each change of the weights {@link #weightsChanged} has to be called. In f32 throughout, so
 * that log-probabilities are bit for bit those of the tape. One thread calls.
 */
public final class Rollouts implements AutoCloseable {
  /**
   * Tokens of one step of the engine: long enough for wide products, short enough for the cache.
   */
  private static final int STEP_TOKENS = 512;

  /**
   * How to sample.
   *
   * @param temperature divides the logits
   * @param maxTokens of an answer
   */
  public record Sampling(double temperature, int maxTokens) {}

  /**
   * Room for keys and values, in tokens. It is fixed, not what happens to be free: where an answer
   * is cut must not depend on the memory of the day.
   *
   * @param sequence of a prompt with its answer; no more than the model's context is used
   * @param all of all prompts and answers that are kept at once; what does not fit waits
   */
  public record Room(int sequence, int all) {
    /** Tokens by which prompts may be longer than those that were seen. */
    private static final int MARGIN = 128;

    /**
     * Room for so many answers, as far as the engine works on them at once.
     *
     * @param prompt tokens of the longest prompt that was seen
     * @param maxTokens of an answer
     */
    static Room of(long answers, int prompt, int maxTokens) {
      long sequence = (long) prompt + MARGIN + maxTokens;
      long all = Math.min(answers, EngineOptions.defaults().maxSequences()) * sequence;
      return new Room(
          (int) Math.min(sequence, Integer.MAX_VALUE), (int) Math.min(all, Integer.MAX_VALUE));
    }
  }

  private final Engine engine;

  /**
   * @param model stays the caller's to close
   * @param endOfGeneration tokens that end an answer
   * @throws BadInput if there is not enough memory for that room
   */
  public Rollouts(
      Transformer model, Set<Integer> endOfGeneration, Room room, Isa isa, int threads) {
    engine =
        Engine.of(
            model,
            endOfGeneration,
            EngineOptions.defaults()
                .reference()
                .withIsa(isa)
                .withThreads(threads)
                .withContextLength(Math.min(room.sequence, model.spec().context()))
                .withCacheTokens(room.all)
                .withMaxBatchTokens(STEP_TOKENS));
  }

  /** Forgets what was computed with the weights from before. */
  public void weightsChanged() {
    engine.weightsChanged();
  }

  /**
   * Samples {@code samples} answers to each question. The answers depend on weights, seed and place
   * only, not on threads nor on what is asked together.
   *
   * @param seed of the questions' seeds: that of sample i of question q is made of (seed, q, i)
   * @param firstIndex q of the first question
   * @throws BadInput if the weights give no numbers
   */
  public List<Rollout.Group> sample(
      List<? extends Question> questions,
      int samples,
      Sampling sampling,
      long seed,
      int firstIndex) {
    List<Generation> running = new ArrayList<>();
    for (int q = 0; q < questions.size(); q++) {
      int[] prompt = questions.get(q).prompt();
      for (int i = 0; i < samples; i++) {
        running.add(
            engine.submit(
                prompt,
                SamplingParams.builder()
                    .temperature(sampling.temperature)
                    .maxTokens(sampling.maxTokens)
                    .seed(Seeds.of(seed, firstIndex + q, i))
                    .logProbs(0)
                    .build()));
      }
    }
    try {
      List<Rollout.Group> groups = new ArrayList<>();
      for (int q = 0; q < questions.size(); q++) {
        List<Rollout> group = new ArrayList<>();
        for (Generation g : running.subList(q * samples, (q + 1) * samples)) {
          group.add(rollout(questions.get(q), g));
        }
        groups.add(new Rollout.Group(questions.get(q), group));
      }
      return groups;
    } catch (InterruptedException e) {
      running.forEach(Generation::cancel);
      Thread.currentThread().interrupt();
      throw new BadInput("interrupted while answers were sampled");
    } catch (IllegalStateException e) {
      throw new BadInput(
          "no answers could be sampled: "
              + e.getMessage()
              + "; go on from the last checkpoint with a smaller learning rate",
          e);
    }
  }

  private static Rollout rollout(Question question, Generation g) throws InterruptedException {
    int[] tokens = g.await();
    boolean stopped = g.finishReason().orElseThrow() == Generation.FinishReason.STOP;
    int[] answer = stopped ? Arrays.copyOf(tokens, tokens.length - 1) : tokens;
    return new Rollout(tokens, g.logProbs(), !stopped, question.mark(answer));
  }

  @Override
  public void close() {
    engine.close();
  }
}
