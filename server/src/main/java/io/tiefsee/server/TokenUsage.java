package io.tiefsee.server;

import java.util.List;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The tokens that a request took.
 *
 * @param prompt tokens of the prompt
 * @param cached those of them that were still in the cache
 * @param completion tokens of all answers, thoughts included
 * @param reasoning those of them that are thoughts
 */
record TokenUsage(int prompt, int cached, int completion, int reasoning) {
  static final TokenUsage NONE = new TokenUsage(0, 0, 0, 0);

  /** What answers to one prompt took. */
  static TokenUsage of(List<Sample> samples) {
    return new TokenUsage(
        samples.getFirst().usage().promptTokens(),
        samples.stream().mapToInt(s -> s.usage().cachedTokens()).min().orElse(0),
        samples.stream().mapToInt(s -> s.usage().completionTokens()).sum(),
        samples.stream().mapToInt(Sample::reasoningTokens).sum());
  }

  /** What a prompt took that nothing was answered to. */
  static TokenUsage ofPrompt(int tokens) {
    return new TokenUsage(tokens, 0, 0, 0);
  }

  TokenUsage plus(TokenUsage other) {
    return new TokenUsage(
        prompt + other.prompt,
        cached + other.cached,
        completion + other.completion,
        reasoning + other.reasoning);
  }

  /** As the chat API has it, with DeepSeek's count of what was cached. */
  ObjectNode chat() {
    ObjectNode usage = JsonMapper.shared().createObjectNode();
    usage.put("prompt_tokens", prompt).put("completion_tokens", completion);
    usage.put("total_tokens", prompt + completion);
    usage.putObject("prompt_tokens_details").put("cached_tokens", cached);
    usage.putObject("completion_tokens_details").put("reasoning_tokens", reasoning);
    return usage
        .put("prompt_cache_hit_tokens", cached)
        .put("prompt_cache_miss_tokens", prompt - cached);
  }

  /** As OpenAI's Responses API has it. */
  ObjectNode responses() {
    ObjectNode usage = JsonMapper.shared().createObjectNode().put("input_tokens", prompt);
    usage
        .putObject("input_tokens_details")
        .put("cached_tokens", cached)
        .put("cache_write_tokens", 0);
    usage.put("output_tokens", completion);
    usage.putObject("output_tokens_details").put("reasoning_tokens", reasoning);
    return usage.put("total_tokens", prompt + completion);
  }

  /** As Anthropic's API has it: what came from the cache is counted apart. */
  ObjectNode messages() {
    ObjectNode usage = JsonMapper.shared().createObjectNode();
    usage.put("input_tokens", prompt - cached);
    usage.put("cache_creation_input_tokens", 0).put("cache_read_input_tokens", cached);
    return usage.put("output_tokens", completion);
  }
}
