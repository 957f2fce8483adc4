package io.tiefsee.cli;

import io.tiefsee.engine.ModelFolder;
import io.tiefsee.format.Weights;
import io.tiefsee.tensor.BadInput;
import io.tiefsee.text.ChatTemplate;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code tiefsee render}: a conversation as the model's chat template writes it. */
@Command(
    name = "render",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Prints a conversation as the model's chat template writes it.",
    footer = {
      "",
      "Without PROMPT, standard input holds a request as JSON:",
      "  {\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}],\"tools\":null,"
          + "\"add_generation_prompt\":true}",
      "or, with --batch, an array of requests. Any other member is a variable of the template."
    })
final class RenderCommand implements Callable<Integer> {
  private static final List<String> KNOWN = List.of("messages", "tools", "add_generation_prompt");

  private final Streams streams;

  @Parameters(arity = "0..1", paramLabel = "PROMPT", description = "a user message")
  private Optional<String> prompt = Optional.empty();

  @Mixin private ModelOptions.Reference model = new ModelOptions.Reference();

  @Option(names = "--system", paramLabel = "TEXT", description = "a system message before PROMPT")
  private Optional<String> system = Optional.empty();

  @Option(
      names = "--template",
      paramLabel = "FILE",
      description = "a Jinja template instead of the model's; with it, --model may be left out")
  private Optional<Path> templateFile = Optional.empty();

  @Option(
      names = "--batch",
      description = "read a JSON array of requests, print [{\"text\":…}|{\"error\":…}]")
  private boolean batch;

  @Option(names = "--json", description = "print {\"text\":…}")
  private boolean json;

  RenderCommand(Streams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() throws IOException {
    ChatTemplate template = template();
    if (batch) {
      List<Map<String, Object>> results = new ArrayList<>();
      for (JsonNode node : Json.readArray("the standard input", streams.readAll())) {
        results.add(tryRender(template, node));
      }
      streams.out().println(Json.write(results));
      return 0;
    }
    String text = template.render(request());
    if (json) {
      streams.out().println(Json.write(Json.object("text", text)));
    } else {
      streams.out().print(text);
    }
    return 0;
  }

  private ChatTemplate template() {
    Optional<ChatTemplate> own = Optional.empty();
    if (templateFile.isEmpty() || model.isGiven()) {
      try (Weights files = model.open()) {
        own = ModelFolder.of(files).chatTemplate();
      }
    }
    if (templateFile.isEmpty()) {
      return own.orElseThrow(() -> new BadInput(model.path() + " has no chat template"));
    }
    String source = TextInput.ofFile(templateFile.get());
    return own.map(t -> t.withSource(source)).orElseGet(() -> ChatTemplate.of(source, Map.of()));
  }

  private static Map<String, Object> tryRender(ChatTemplate template, JsonNode node) {
    try {
      return Json.object("text", template.render(request("the request", node)));
    } catch (BadInput e) {
      return Json.object("error", String.valueOf(e.getMessage()));
    }
  }

  private ChatTemplate.Request request() throws IOException {
    if (prompt.isEmpty()) {
      if (streams.inTerminal()) {
        throw new BadInput("no prompt is given; tiefsee render --model FILE \"Hello\"");
      }
      String what = "the standard input";
      return request(what, Json.read(what, streams.readAll()));
    }
    List<ChatTemplate.Message> messages = new ArrayList<>();
    system.ifPresent(s -> messages.add(new ChatTemplate.Message("system", s)));
    messages.add(new ChatTemplate.Message("user", prompt.get()));
    return ChatTemplate.Request.of(messages);
  }

  private static ChatTemplate.Request request(String what, JsonNode node) {
    if (!node.isObject() || !node.path("messages").isArray()) {
      throw new BadInput(what + " is no JSON object with an array \"messages\"");
    }
    Map<String, Object> extra = new HashMap<>(Json.map(node));
    KNOWN.forEach(extra::remove);
    return new ChatTemplate.Request(
        Json.objects("messages", node.path("messages")),
        Json.objects("tools", node.path("tools")),
        node.path("add_generation_prompt").asBoolean(false),
        extra);
  }
}
