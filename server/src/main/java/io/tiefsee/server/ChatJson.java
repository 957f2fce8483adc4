package io.tiefsee.server;

import io.tiefsee.engine.Generation;
import io.tiefsee.engine.Generation.FinishReason;
import io.tiefsee.eval.Vote;
import io.tiefsee.text.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Writes answers as the chat API has them. */
final class ChatJson {
  private final ChatCall.Manner manner;
  private final String model;
  private final Tokenizer tokenizer;
  private final String id = "chatcmpl-" + UUID.randomUUID().toString().replace("-", "");
  private final long created = Instant.now().getEpochSecond();

  ChatJson(ChatCall.Manner manner, String model, Tokenizer tokenizer) {
    this.manner = manner;
    this.model = model;
    this.tokenizer = tokenizer;
  }

  static ObjectNode object() {
    return JsonMapper.shared().createObjectNode();
  }

  private ObjectNode envelope(String object) {
    ObjectNode body = object().put("id", id).put("object", object).put("created", created);
    return body.put("model", model).put("system_fingerprint", "tiefsee");
  }

  /** The answers together. */
  ObjectNode whole(List<Answer> answers, ObjectNode usage) {
    ObjectNode body = envelope("chat.completion");
    ArrayNode choices = body.putArray("choices");
    for (Answer answer : answers) {
      ObjectNode choice = choices.addObject().put("index", answer.index());
      ObjectNode message = choice.putObject("message").put("role", "assistant");
      if (!answer.thoughts().isEmpty()) {
        putThoughts(message, answer.thoughts());
      }
      boolean onlyCalls = answer.text().isEmpty() && !answer.calls().isEmpty();
      message.put("content", onlyCalls ? null : answer.text());
      if (!answer.calls().isEmpty()) {
        ArrayNode calls = message.putArray("tool_calls");
        for (Answer.Call call : answer.calls()) {
          ObjectNode c = calls.addObject().put("id", call.id()).put("type", "function");
          c.putObject("function").put("name", call.name()).put("arguments", call.arguments());
        }
      }
      if (manner.logProbs()) {
        ObjectNode lp = choice.putObject("logprobs");
        putTokens(lp, "content", answer.textTokens());
        if (!answer.thoughtTokens().isEmpty()) {
          putTokens(lp, "reasoning_content", answer.thoughtTokens());
        }
      } else {
        choice.putNull("logprobs");
      }
      choice.put("finish_reason", reason(answer.finishReason(), !answer.calls().isEmpty()));
      putNotes(choice, answer.notes());
    }
    body.set("usage", usage);
    return body;
  }

  private void putThoughts(ObjectNode to, String thoughts) {
    if (manner.dialect() == Dialect.VLLM) {
      to.put("reasoning", thoughts);
    }
    to.put("reasoning_content", thoughts);
  }

  /** The first chunk of a choice. */
  ObjectNode begin(int index) {
    return chunk(index, object().put("role", "assistant").put("content", ""));
  }

  /** A chunk of a choice. */
  ObjectNode delta(int index, Sample.Delta delta) {
    ObjectNode d = object();
    switch (delta.part()) {
      case AnswerPart.Thought t -> putThoughts(d, t.text());
      case AnswerPart.Text t -> d.put("content", t.text());
      case AnswerPart.Call c -> {
        ObjectNode call = d.putArray("tool_calls").addObject().put("index", c.index());
        call.put("id", c.id()).put("type", "function");
        call.putObject("function").put("name", c.name()).put("arguments", "");
      }
      case AnswerPart.Arguments a ->
          d.putArray("tool_calls")
              .addObject()
              .put("index", a.index())
              .putObject("function")
              .put("arguments", a.text());
    }
    ObjectNode chunk = chunk(index, d);
    if (manner.logProbs()) {
      boolean thought = delta.part() instanceof AnswerPart.Thought;
      ObjectNode lp = ((ObjectNode) chunk.get("choices").get(0)).putObject("logprobs");
      putTokens(lp, thought ? "reasoning_content" : "content", delta.tokens());
    }
    return chunk;
  }

  private ObjectNode chunk(int index, ObjectNode delta) {
    ObjectNode body = envelope("chat.completion.chunk");
    ObjectNode choice = body.putArray("choices").addObject().put("index", index);
    choice.set("delta", delta);
    choice.putNull("finish_reason");
    return body;
  }

  /** The last chunk of a choice. */
  ObjectNode end(Sample sample, boolean calls) {
    return end(sample.index(), sample.finishReason(), calls, sample.notes());
  }

  /** The last chunk of an answer that is known as a whole. */
  ObjectNode end(Answer answer) {
    return end(answer.index(), answer.finishReason(), !answer.calls().isEmpty(), answer.notes());
  }

  private ObjectNode end(
      int index, FinishReason reason, boolean calls, Set<Generation.Note> notes) {
    ObjectNode chunk = chunk(index, object());
    ObjectNode choice = (ObjectNode) chunk.get("choices").get(0);
    choice.put("finish_reason", reason(reason, calls));
    putNotes(choice, notes);
    return chunk;
  }

  /** {@code {"votes":[{"answer":…,"count":…,"samples":[…]}]}}. */
  ObjectNode votes(Vote vote, List<Answer> answers) {
    ObjectNode own = object();
    ArrayNode votes = own.putArray("votes");
    for (Vote.Group group : vote.groups()) {
      ObjectNode entry = votes.addObject().put("answer", group.answer());
      ArrayNode samples = entry.put("count", group.count()).putArray("samples");
      for (int i : group.samples()) {
        ObjectNode sample = samples.addObject();
        sample.put("reasoning_content", answers.get(i).thoughts());
        sample.put("content", answers.get(i).text());
      }
    }
    return own;
  }

  /** The chunk after all choices that has what they took. */
  ObjectNode usageChunk(ObjectNode usage) {
    ObjectNode body = envelope("chat.completion.chunk");
    body.putArray("choices");
    body.set("usage", usage);
    return body;
  }

  /** Says what the engine did to an answer. */
  private static void putNotes(ObjectNode choice, Set<Generation.Note> notes) {
    if (!notes.isEmpty()) {
      ArrayNode list = choice.putObject("tiefsee").putArray("notes");
      notes.stream().sorted().forEach(n -> list.add(n.name().toLowerCase(Locale.ROOT)));
    }
  }

  private static String reason(FinishReason reason, boolean calls) {
    return switch (reason) {
      case STOP -> calls ? "tool_calls" : "stop";
      case LENGTH -> "length";
      case CANCELLED, TIMEOUT -> "insufficient_system_resource";
    };
  }

  private void putTokens(ObjectNode to, String name, List<Generation.Token> tokens) {
    ArrayNode list = to.putArray(name);
    for (Generation.Token token : tokens) {
      ObjectNode entry = list.addObject();
      putToken(entry, token.id(), token.logProb());
      ArrayNode top = entry.putArray("top_logprobs");
      token.top().forEach(t -> putToken(top.addObject(), t.id(), t.logProb()));
    }
  }

  private void putToken(ObjectNode to, int id, float logProb) {
    byte[] bytes = tokenizer.bytes(id);
    to.put("token", new String(bytes, StandardCharsets.UTF_8));
    to.put("logprob", Math.max(logProb, -9999f));
    ArrayNode list = to.putArray("bytes");
    for (byte b : bytes) {
      list.add(b & 0xff);
    }
  }

  /** What a request took, as DeepSeek counts it. */
  static ObjectNode usage(List<Sample> samples) {
    int prompt = samples.getFirst().usage().promptTokens();
    int hit = samples.stream().mapToInt(s -> s.usage().cachedTokens()).min().orElse(0);
    int completion = samples.stream().mapToInt(s -> s.usage().completionTokens()).sum();
    int reasoning = samples.stream().mapToInt(Sample::reasoningTokens).sum();
    ObjectNode usage = object();
    usage.put("prompt_tokens", prompt).put("completion_tokens", completion);
    usage.put("total_tokens", prompt + completion);
    usage.putObject("prompt_tokens_details").put("cached_tokens", hit);
    usage.putObject("completion_tokens_details").put("reasoning_tokens", reasoning);
    usage.put("prompt_cache_hit_tokens", hit).put("prompt_cache_miss_tokens", prompt - hit);
    return usage;
  }
}
