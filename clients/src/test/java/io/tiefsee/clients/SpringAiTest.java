package io.tiefsee.clients;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.converter.BeanOutputConverter;
import org.springframework.ai.openai.OpenAiChatModel;
import org.springframework.ai.openai.OpenAiChatOptions;
import org.springframework.ai.tool.function.FunctionToolCallback;
import tools.jackson.databind.json.JsonMapper;

/** Spring AI's OpenAI model. */
class SpringAiTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private static Served served;

  /** A function's input, and an answer's shape. */
  record Point(Color color, boolean visible) {}

  enum Color {
    RED,
    BLUE
  }

  @BeforeAll
  static void start() {
    served = Served.start();
  }

  @AfterAll
  static void stop() {
    served.close();
  }

  private static OpenAiChatOptions.Builder options(String model) {
    OpenAiChatOptions.Builder options = OpenAiChatOptions.builder();
    options.baseUrl(served.url() + "/v1").apiKey("none").timeout(LIMIT).maxRetries(0);
    options.model(model);
    return options;
  }

  private static OpenAiChatOptions sum() {
    OpenAiChatOptions.Builder options = options("embedded");
    options.temperature(0.0);
    options.maxTokens(300);
    return options.build();
  }

  private static OpenAiChatModel model(OpenAiChatOptions options) {
    return OpenAiChatModel.builder().options(options).build();
  }

  @Test
  void chat() {
    OpenAiChatOptions options = sum();
    ChatResponse response = model(options).call(new Prompt("What is 2 + 3?", options));
    assertThat(response.getResult().getOutput().getText()).contains("5");
    assertThat(response.getMetadata().getUsage().getTotalTokens()).isPositive();
  }

  @Test
  void stream() {
    OpenAiChatOptions options = sum();
    List<ChatResponse> parts =
        model(options).stream(new Prompt("What is 2 + 3?", options)).collectList().block(LIMIT);
    assertThat(parts).isNotNull();
    assertThat(
            parts.stream()
                .filter(p -> p.getResult() != null)
                .map(p -> String.valueOf(p.getResult().getOutput().getText()))
                .filter(text -> !text.equals("null"))
                .collect(Collectors.joining()))
        .contains("5");
  }

  @Test
  void tools() {
    OpenAiChatOptions.Builder builder = options("tiny");
    builder.seed(1).toolChoice("required").parallelToolCalls(false);
    builder.toolCallbacks(
        FunctionToolCallback.builder("draw", (Point p) -> "done")
            .description("draws")
            .inputType(Point.class)
            .build());
    OpenAiChatOptions options = builder.build();
    ChatResponse response = model(options).call(new Prompt("Hello", options));
    AssistantMessage.ToolCall call = response.getResult().getOutput().getToolCalls().getFirst();
    assertThat(call.name()).isEqualTo("draw");
    assertThat(JsonMapper.shared().readTree(call.arguments()).path("visible").isBoolean()).isTrue();
  }

  @Test
  void structuredOutput() {
    BeanOutputConverter<Point> converter = new BeanOutputConverter<>(Point.class);
    OpenAiChatOptions.Builder builder = options("tiny");
    builder.seed(2).outputSchema(converter.getJsonSchema());
    OpenAiChatOptions options = builder.build();
    ChatResponse response = model(options).call(new Prompt("Hello", options));
    String text = String.valueOf(response.getResult().getOutput().getText());
    assertThat(converter.convert(text)).isNotNull();
  }
}
