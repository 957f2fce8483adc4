package io.tiefsee.clients;

import java.util.ArrayList;
import java.util.List;

/** What the server's own endpoints answer, for tests of the page. */
final class Samples {
  static final String MODELS =
      """
      {"object":"list","data":[
        {"id":"embedded","object":"model","tiefsee":{"state":"loaded","memory_bytes":2100000,
         "context_length":1024,"thinks":true,"defaults":{"temperature":0.6,"top_p":0.95}}},
        {"id":"r1-distill-qwen-1.5b","object":"model","tiefsee":{"state":"unloaded",
         "memory_bytes":1120000000,"context_length":131072,"thinks":true,
         "defaults":{"temperature":0.6,"top_p":0.95,"top_k":40}}}]}
      """;

  static final String REMOTES =
      "{\"remotes\":[{\"name\":\"deepseek\",\"model\":\"deepseek-reasoner\"}]}";

  static final String STATUS =
      """
      {"version":"0.1.0","uptime_seconds":8123,"currency":"EUR","energy_method":"estimated",
       "watts":31.4,"cost_today":0.0123,"models":[
       {"id":"embedded","state":"loaded","memory_bytes":2100000,"context_length":1024,"running":3,
        "waiting":2,"slots":16,"kv_pages":{"total":64,"free":40},
        "tokens_per_second":{"prompt":812.0,"generation":135.0},
        "cache":{"hit_tokens":1800,"miss_tokens":600,"disk_bytes":4200000},
        "requests":112,"cost_today":0.0023},
       {"id":"r1-distill-qwen-1.5b","state":"loaded","memory_bytes":1120000000,
        "context_length":131072,"running":1,"waiting":0,"slots":4,
        "kv_pages":{"total":512,"free":380},
        "tokens_per_second":{"prompt":96.0,"generation":11.5},
        "cache":{"hit_tokens":5200,"miss_tokens":9100,"disk_bytes":0},
        "requests":31,"cost_today":0.01}]}
      """;

  static final String ARENA =
      """
      {"title":"Countdown, 200 problems","time":"2026-11-28T10:00:00Z","currency":"EUR","points":[
       {"contestant":"embedded","budget":128,"k":1,"accuracy":0.41,"low":0.35,"high":0.48,
        "cost_per_answer":0.0000012,"cost_per_correct":0.0000029,"pareto":true},
       {"contestant":"embedded","budget":512,"k":1,"accuracy":0.68,"low":0.61,"high":0.74,
        "cost_per_answer":0.0000041,"cost_per_correct":0.000006,"pareto":true},
       {"contestant":"embedded","budget":512,"k":8,"accuracy":0.83,"low":0.77,"high":0.88,
        "cost_per_answer":0.000033,"cost_per_correct":0.00004,"pareto":true},
       {"contestant":"r1-distill-qwen-1.5b","budget":512,"k":1,"accuracy":0.62,"low":0.55,
        "high":0.69,"cost_per_answer":0.00021,"cost_per_correct":0.00034,"pareto":false},
       {"contestant":"r1-distill-qwen-1.5b","budget":4096,"k":4,"accuracy":0.91,"low":0.86,
        "high":0.95,"cost_per_answer":0.0041,"cost_per_correct":0.0045,"pareto":true}]}
      """;

  static final String RUNS =
      """
      {"runs":[{"name":"countdown","stage":"grpo","running":true,
        "updated":"2026-11-28T11:50:00Z"},
       {"name":"toy","stage":"sft","running":false,"updated":"2026-11-27T09:00:00Z"}]}
      """;

  private Samples() {}

  /** The usage of an answer with a receipt. */
  static String usage(int thinking, int answer) {
    return """
    {"prompt_tokens":12,"completion_tokens":%d,
     "completion_tokens_details":{"reasoning_tokens":%d},
     "receipt":{"model":"embedded","time":"2026-11-28T11:50:00Z",
      "tokens":{"prompt_hit":4,"prompt_miss":8,"thinking":%d,"answer":%d},
      "seconds":{"queue":0.0,"prompt":0.1,"generation":1.2,"total":1.3},
      "joules":{"prompt":1.2,"generation":10.5,"total":11.7,"idle_subtracted":8.1,
       "uncertainty":2.9,"method":"estimated"},
      "cost":{"currency":"EUR","electricity":0.0000012,"amortisation":0.0000031,"overhead":0,
       "total":0.0000043},
      "price_book":"2026-11-25",
      "elsewhere":[{"name":"DeepSeek R1","as_of":"2025-02-09","total":0.00021,
        "currency":"EUR"},
       {"name":"OpenAI o1","as_of":"2025-02-09","total":0.0062,"currency":"EUR"}]}}
    """
        .formatted(thinking + answer, thinking, thinking, answer)
        .replace("\n", " ");
  }

  /** A run's log as the server gives it: two stages, scores and a sample. */
  static String run() {
    List<String> lines = new ArrayList<>();
    for (int step = 1; step <= 120; step++) {
      double loss = 0.4 + 4 * Math.exp(-step / 25.0) + 0.08 * Math.sin(step);
      lines.add(
          "{\"stage\":\"sft\",\"step\":%d,\"loss\":%s,\"learning_rate\":%s,\"tokens/s\":%s}"
              .formatted(step, loss, 0.001 * (1 - step / 140.0), 1400 + 90 * Math.sin(step)));
    }
    lines.add(score("sft", 0.4646, 0.4296, 0.4975));
    for (int step = 1; step <= 80; step++) {
      double reward = 0.46 + 0.4 * (1 - Math.exp(-step / 30.0)) + 0.03 * Math.sin(step * 1.7);
      lines.add(
          "{\"stage\":\"grpo\",\"step\":%d,\"reward\":%s,\"accuracy\":%s,\"length\":%s,\"entropy\":%s,\"kl\":%s}"
              .formatted(
                  step,
                  reward,
                  reward - 0.04,
                  80 + step + 9 * Math.sin(step),
                  0.6 - step / 400.0,
                  step / 900.0));
    }
    lines.add(
        """
        {"stage":"grpo","step":80,"sample":{"problem":"p1","prompt":"numbers 7 10 2 , target 56",\
        "thinking":"10 - 2 = 8 : * 7 = 56 hit","answer":"(10 - 2) * 7","reward":1.0}}\
        """);
    lines.add(score("grpo", 0.909, 0.893, 0.924));
    return "{\"next\":%d,\"lines\":[%s]}".formatted(lines.size(), String.join(",", lines));
  }

  private static String score(String stage, double value, double low, double high) {
    return """
    {"stage":"%s","score":{"task":"countdown","level":1,"pass@1":%s,"pass@1_low":%s,\
    "pass@1_high":%s,"majority@k":0.95,"majority@k_low":0.92,"majority@k_high":0.98,\
    "length":120.5}}\
    """
        .formatted(stage, value, low, high);
  }
}
