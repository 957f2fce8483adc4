package io.tiefsee.server;

import io.tiefsee.engine.Generation;
import io.tiefsee.engine.Generation.FinishReason;
import io.tiefsee.eval.Vote;
import io.tiefsee.text.Tokenizer;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Writes answers as the chat API has them. */
final class ChatJson {
  private final ChatCall.Manner manner;
  private final String model;
  private final TokenJson tokens;
  private final String id = Ids.of("chatcmpl-");
  private final long created = Instant.now().getEpochSecond();

  ChatJson(ChatCall.Manner manner, String model, Tokenizer tokenizer) {
    this.manner = manner;
    this.model = model;
    this.tokens = new TokenJson(tokenizer);
  }

  private ObjectNode envelope(String object) {
    ObjectNode body = Json.object().put("id", id).put("object", object).put("created", created);
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
        lp.set("content", tokens.of(answer.textTokens()));
        if (!answer.thoughtTokens().isEmpty()) {
          lp.set("reasoning_content", tokens.of(answer.thoughtTokens()));
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
    return chunk(index, Json.object().put("role", "assistant").put("content", ""));
  }

  /** A chunk of a choice. */
  ObjectNode delta(int index, Sample.Delta delta) {
    ObjectNode d = Json.object();
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
      lp.set(thought ? "reasoning_content" : "content", tokens.of(delta.tokens()));
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
    ObjectNode chunk = chunk(index, Json.object());
    ObjectNode choice = (ObjectNode) chunk.get("choices").get(0);
    choice.put("finish_reason", reason(reason, calls));
    putNotes(choice, notes);
    return chunk;
  }

  /** {@code {"votes":[{"answer":…,"count":…,"samples":[…]}]}}. */
  ObjectNode votes(Vote vote, List<Answer> answers) {
    ObjectNode own = Json.object();
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
}
