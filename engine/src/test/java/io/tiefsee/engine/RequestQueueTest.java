package io.tiefsee.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RequestQueueTest {
  private final RequestQueue queue = new RequestQueue();

  private static Sequence sequence(int priority, String scope) {
    RequestOptions options = RequestOptions.builder().priority(priority).scope(scope).build();
    return new Sequence(
        new Generation(1, () -> {}),
        new int[] {1},
        SamplingParams.GREEDY,
        options,
        TokenGuide.NONE,
        0);
  }

  private Sequence add(int priority, String scope) {
    Sequence s = sequence(priority, scope);
    queue.add(s);
    return s;
  }

  private List<Sequence> drain() {
    List<Sequence> order = new ArrayList<>();
    while (queue.first().isPresent()) {
      order.add(queue.first().get());
      queue.removeFirst();
    }
    assertThat(queue.size()).isZero();
    return order;
  }

  @Test
  void prioritiesThenTurnsThenArrival() {
    Sequence a1 = add(0, "a");
    Sequence a2 = add(0, "a");
    Sequence a3 = add(0, "a");
    Sequence b1 = add(0, "b");
    Sequence high = add(5, "a");
    Sequence c1 = add(0, "c");
    Sequence b2 = add(0, "b");
    Sequence low = add(-1, "d");
    Sequence again = sequence(0, "a");
    Sequence earlier = sequence(0, "a");
    queue.addAgain(again);
    queue.addAgain(earlier);
    Sequence[] order = {high, earlier, again, a1, b1, c1, a2, b2, a3, low};
    queue.tellPlaces();
    for (int i = 0; i < order.length; i++) {
      assertThat(order[i].generation.queuePosition()).isEqualTo(i + 1);
    }
    assertThat(drain()).containsExactly(order);
  }

  @Test
  void whoLeavesGivesTheirPlaceToTheNext() {
    Sequence a = add(0, "a");
    Sequence b = add(0, "b");
    Sequence c = add(1, "c");
    Sequence again = sequence(0, "b");
    queue.addAgain(again);
    assertThat(queue.removeIf(s -> s == a || s == c || s == again))
        .containsExactlyInAnyOrder(a, c, again);
    assertThat(queue.removeIf(s -> false)).isEmpty();
    queue.tellPlaces();
    assertThat(b.generation.queuePosition()).isEqualTo(1);
    assertThat(drain()).containsExactly(b);
  }
}
