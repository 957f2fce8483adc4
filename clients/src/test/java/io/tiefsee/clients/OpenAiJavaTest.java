package io.tiefsee.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.core.http.StreamResponse;
import com.openai.errors.NotFoundException;
import com.openai.models.FunctionDefinition;
import com.openai.models.FunctionParameters;
import com.openai.models.ResponseFormatJsonSchema;
import com.openai.models.ResponseFormatJsonSchema.JsonSchema;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionFunctionTool;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import com.openai.models.chat.completions.ChatCompletionToolChoiceOption;
import com.openai.models.completions.CompletionCreateParams;
import com.openai.models.embeddings.EmbeddingCreateParams;
import com.openai.models.responses.FunctionTool;
import com.openai.models.responses.Response;
import com.openai.models.responses.ResponseCreateParams;
import com.openai.models.responses.ResponseOutputItem;
import com.openai.models.responses.ResponseStreamEvent;
import com.openai.models.responses.ToolChoiceOptions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** OpenAI's own client, which checks each response against OpenAI's types. */
class OpenAiJavaTest {
  private static Served served;
  private static OpenAIClient client;

  /** The parameters of a function, and the shape of an answer. */
  private static final Map<String, JsonValue> POINT =
      Map.of(
          "type", JsonValue.from("object"),
          "properties",
              JsonValue.from(
                  Map.of(
                      "color", Map.of("enum", List.of("red", "blue")),
                      "visible", Map.of("type", "boolean"))),
          "required", JsonValue.from(List.of("color", "visible")),
          "additionalProperties", JsonValue.from(false));

  @BeforeAll
  static void start() {
    served = Served.start();
    client =
        OpenAIOkHttpClient.builder()
            .baseUrl(served.url() + "/v1")
            .apiKey("none")
            .responseValidation(true)
            .maxRetries(0)
            .timeout(Duration.ofSeconds(60))
            .build();
  }

  @AfterAll
  static void stop() {
    client.close();
    served.close();
  }

  private static ChatCompletionCreateParams.Builder sum() {
    return ChatCompletionCreateParams.builder()
        .model("embedded")
        .addUserMessage("What is 2 + 3?")
        .temperature(0)
        .maxCompletionTokens(300);
  }

  private static String thoughts(Map<String, JsonValue> more) {
    return String.valueOf(
        more.getOrDefault("reasoning_content", JsonValue.from("")).convert(String.class));
  }

  @Test
  void chat() {
    ChatCompletion completion = client.chat().completions().create(sum().build());
    var message = completion.choices().getFirst().message();
    assertThat(message.content().orElseThrow()).contains("5");
    assertThat(thoughts(message._additionalProperties())).isNotBlank();
    assertThat(
            completion
                .usage()
                .orElseThrow()
                .completionTokensDetails()
                .orElseThrow()
                .reasoningTokens()
                .orElseThrow())
        .isPositive();
  }

  @Test
  void stream() {
    String whole =
        client
            .chat()
            .completions()
            .create(sum().build())
            .choices()
            .getFirst()
            .message()
            .content()
            .orElseThrow();
    ChatCompletionCreateParams params =
        sum()
            .streamOptions(ChatCompletionStreamOptions.builder().includeUsage(true).build())
            .build();
    try (StreamResponse<ChatCompletionChunk> stream =
        client.chat().completions().createStreaming(params)) {
      List<ChatCompletionChunk> chunks = stream.stream().toList();
      assertThat(
              chunks.stream()
                  .flatMap(c -> c.choices().stream())
                  .map(c -> c.delta().content().orElse(""))
                  .collect(Collectors.joining()))
          .isEqualTo(whole);
      assertThat(chunks.getLast().usage().orElseThrow().totalTokens()).isPositive();
    }
  }

  private static ChatCompletionCreateParams.Builder hello() {
    return ChatCompletionCreateParams.builder().model("tiny").addUserMessage("Hello").seed(1);
  }

  @Test
  void tools() {
    FunctionDefinition draw =
        FunctionDefinition.builder()
            .name("draw")
            .parameters(FunctionParameters.builder().putAllAdditionalProperties(POINT).build())
            .strict(true)
            .build();
    ChatCompletion completion =
        client
            .chat()
            .completions()
            .create(
                hello()
                    .addTool(ChatCompletionFunctionTool.builder().function(draw).build())
                    .toolChoice(ChatCompletionToolChoiceOption.Auto.REQUIRED)
                    .parallelToolCalls(false)
                    .build());
    var function =
        completion
            .choices()
            .getFirst()
            .message()
            .toolCalls()
            .orElseThrow()
            .getFirst()
            .asFunction()
            .function();
    assertThat(function.name()).isEqualTo("draw");
    assertPoint(function.arguments());
    assertThat(completion.choices().getFirst().finishReason().asString()).isEqualTo("tool_calls");
  }

  private static void assertPoint(String json) {
    JsonNode point = JsonMapper.shared().readTree(json);
    assertThat(point.path("color").stringValue()).isIn("red", "blue");
    assertThat(point.path("visible").isBoolean()).isTrue();
  }

  @Test
  void schema() {
    JsonSchema schema =
        JsonSchema.builder()
            .name("point")
            .schema(JsonSchema.Schema.builder().putAllAdditionalProperties(POINT).build())
            .strict(true)
            .build();
    ChatCompletion completion =
        client
            .chat()
            .completions()
            .create(
                hello()
                    .responseFormat(ResponseFormatJsonSchema.builder().jsonSchema(schema).build())
                    .build());
    assertPoint(completion.choices().getFirst().message().content().orElseThrow());
  }

  private static ResponseCreateParams.Builder response() {
    return ResponseCreateParams.builder()
        .model("embedded")
        .input("What is 2 + 3?")
        .temperature(0)
        .maxOutputTokens(300);
  }

  private static String text(Response response) {
    return response.output().stream()
        .flatMap(item -> item.message().stream())
        .flatMap(message -> message.content().stream())
        .map(content -> content.outputText().orElseThrow().text())
        .collect(Collectors.joining());
  }

  @Test
  void responses() {
    Response first = client.responses().create(response().build());
    assertThat(text(first)).contains("5");
    assertThat(first.output().getFirst().reasoning()).isPresent();
    Response next =
        client
            .responses()
            .create(response().input("And 3 + 4?").previousResponseId(first.id()).build());
    assertThat(next.previousResponseId()).contains(first.id());
    assertThat(text(client.responses().retrieve(first.id()))).isEqualTo(text(first));
    client.responses().delete(first.id());
    assertThatThrownBy(() -> client.responses().retrieve(first.id()))
        .isInstanceOf(NotFoundException.class);
  }

  @Test
  void streamedResponses() {
    String whole = text(client.responses().create(response().build()));
    try (StreamResponse<ResponseStreamEvent> stream =
        client.responses().createStreaming(response().build())) {
      List<ResponseStreamEvent> events = stream.stream().toList();
      assertThat(
              events.stream()
                  .flatMap(e -> e.outputTextDelta().stream())
                  .map(d -> d.delta())
                  .collect(Collectors.joining()))
          .isEqualTo(whole);
      assertThat(text(events.getLast().completed().orElseThrow().response())).isEqualTo(whole);
    }
  }

  @Test
  void toolsOfResponses() {
    Response response =
        client
            .responses()
            .create(
                ResponseCreateParams.builder()
                    .model("tiny")
                    .input("Hello")
                    .addTool(
                        FunctionTool.builder()
                            .name("draw")
                            .parameters(
                                FunctionTool.Parameters.builder()
                                    .putAllAdditionalProperties(POINT)
                                    .build())
                            .strict(true)
                            .build())
                    .toolChoice(ToolChoiceOptions.REQUIRED)
                    .parallelToolCalls(false)
                    .build());
    ResponseOutputItem item = response.output().getFirst();
    assertPoint(item.functionCall().orElseThrow().arguments());
  }

  @Test
  void embeddings() {
    // The client asks for base64 by itself.
    var embeddings =
        client
            .embeddings()
            .create(
                EmbeddingCreateParams.builder()
                    .model("embedded")
                    .inputOfArrayOfStrings(List.of("one", "two"))
                    .build());
    assertThat(embeddings.data()).hasSize(2);
    assertThat(embeddings.data().get(0).embedding())
        .isNotEqualTo(embeddings.data().get(1).embedding());
  }

  @Test
  void completionsAndModels() {
    var completion =
        client
            .completions()
            .create(
                CompletionCreateParams.builder().model("tiny").prompt("Once").maxTokens(4).build());
    assertThat(completion.choices()).hasSize(1);
    assertThat(client.models().list().data().stream().map(m -> m.id()))
        .containsExactly("embedded", "tiny");
    assertThat(client.models().retrieve("tiny").ownedBy()).isEqualTo("tiefsee");
  }
}
