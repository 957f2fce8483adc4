package io.tiefsee.cli;

import io.tiefsee.tensor.BadInput;
import io.tiefsee.text.ChatTemplate.Message;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** The messages of a chat; thoughts are not among them, as reasoning models want it. */
final class Conversation {
  private Optional<String> system;
  private final List<Message> messages = new ArrayList<>();

  Conversation(Optional<String> system) {
    this.system = system;
  }

  Optional<String> system() {
    return system;
  }

  void setSystem(String text) {
    system = text.isEmpty() ? Optional.empty() : Optional.of(text);
  }

  /** Without the system message. */
  List<Message> messages() {
    return messages;
  }

  void add(String role, String content) {
    messages.add(new Message(role, content));
  }

  void clear() {
    messages.clear();
  }

  /** Takes the last answer away; false if there is none. */
  boolean dropAnswer() {
    if (messages.isEmpty() || !messages.getLast().role().equals("assistant")) {
      return false;
    }
    messages.removeLast();
    return true;
  }

  /** Takes back a question that got no answer. */
  void dropQuestion() {
    if (!messages.isEmpty() && messages.getLast().role().equals("user")) {
      messages.removeLast();
    }
  }

  /** Writes {"messages":[{"role":…,"content":…}]}. */
  void save(Path file) {
    List<Message> all = new ArrayList<>();
    system.ifPresent(s -> all.add(new Message("system", s)));
    all.addAll(messages);
    try {
      Files.writeString(
          file,
          Json.write(Json.object("messages", all.stream().map(Message::toMap).toList())) + "\n");
    } catch (IOException e) {
      throw new BadInput(file + " cannot be written: " + e.getMessage(), e);
    }
  }

  /** Replaces everything by what {@link #save} wrote. */
  void load(Path file) {
    JsonNode node = Json.read(file.toString(), TextInput.ofFile(file)).path("messages");
    if (!node.isArray()) {
      throw new BadInput(file + " has no array \"messages\"");
    }
    List<Message> read = new ArrayList<>();
    for (JsonNode m : node) {
      if (!m.path("role").isString() || !m.path("content").isString()) {
        throw new BadInput(file + " has a message without role or content");
      }
      read.add(new Message(m.path("role").stringValue(), m.path("content").stringValue()));
    }
    system = Optional.empty();
    if (!read.isEmpty() && read.getFirst().role().equals("system")) {
      system = Optional.of(read.removeFirst().content());
    }
    messages.clear();
    messages.addAll(read);
  }
}
