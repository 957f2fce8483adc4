package io.tiefsee.arena;

import io.tiefsee.price.TokenCount;
import io.tiefsee.text.ReasoningParser;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * What is in a chat completion. Thoughts are read from {@code reasoning_content} (DeepSeek), {@code
 * reasoning} (OpenRouter, vLLM) or {@code <think>} tags in the content.
 *
 * @param receipt {@code usage.receipt}, where the endpoint is a Tiefsee that was asked for it
 */
record ChatReply(
    String thinking,
    String answer,
    boolean truncated,
    Optional<TokenCount> tokens,
    Optional<JsonNode> receipt) {

  /** Empty if the object is no chat completion. */
  static Optional<ChatReply> of(JsonNode body) {
    JsonNode choice = body.at("/choices/0");
    JsonNode message = choice.path("message");
    if (!message.isObject() || !choice.has("finish_reason")) {
      return Optional.empty();
    }
    String content = text(message.path("content"));
    String thinking =
        Stream.of("reasoning_content", "reasoning")
            .map(name -> text(message.path(name)))
            .filter(t -> !t.isEmpty())
            .findFirst()
            .orElse("");
    if (thinking.isEmpty()) {
      ReasoningParser parser = ReasoningParser.forPrompt("");
      List<ReasoningParser.Piece> pieces =
          Stream.concat(parser.feed(content).stream(), parser.finish().stream()).toList();
      thinking = joined(pieces, ReasoningParser.Reasoning.class);
      content = joined(pieces, ReasoningParser.Answer.class);
    }
    JsonNode receipt = body.at("/usage/receipt");
    return Optional.of(
        new ChatReply(
            thinking,
            content,
            choice.path("finish_reason").asString("").equals("length"),
            tokens(body.path("usage"), thinking, content),
            receipt.isObject() ? Optional.of(receipt) : Optional.empty()));
  }

  private static String joined(
      List<ReasoningParser.Piece> pieces, Class<? extends ReasoningParser.Piece> kind) {
    return pieces.stream()
        .filter(kind::isInstance)
        .map(ReasoningParser.Piece::text)
        .collect(Collectors.joining());
  }

  /** A text, or the texts of a list of parts. */
  private static String text(JsonNode node) {
    if (!node.isArray()) {
      return node.asString("");
    }
    StringBuilder all = new StringBuilder();
    node.forEach(part -> all.append(part.path("text").asString("")));
    return all.toString();
  }

  /**
   * Hits of the cache stand in DeepSeek's or in OpenAI's place. Where thoughts are not counted
   * apart, they get their share of the tokens by characters.
   */
  private static Optional<TokenCount> tokens(JsonNode usage, String thinking, String answer) {
    if (!usage.path("prompt_tokens").isNumber() || !usage.path("completion_tokens").isNumber()) {
      return Optional.empty();
    }
    int prompt = usage.path("prompt_tokens").asInt(0);
    int completion = usage.path("completion_tokens").asInt(0);
    int hit =
        usage
            .path("prompt_cache_hit_tokens")
            .asInt(usage.at("/prompt_tokens_details/cached_tokens").asInt(0));
    int characters = Math.max(1, thinking.length() + answer.length());
    int byLength = (int) Math.round((double) completion * thinking.length() / characters);
    int thoughts = usage.at("/completion_tokens_details/reasoning_tokens").asInt(byLength);
    thoughts = Math.clamp(thoughts, 0, completion);
    hit = Math.clamp(hit, 0, prompt);
    return Optional.of(new TokenCount(hit, prompt - hit, thoughts, completion - thoughts));
  }
}
