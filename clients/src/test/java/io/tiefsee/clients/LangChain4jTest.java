package io.tiefsee.clients;

import static org.assertj.core.api.Assertions.assertThat;

import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import dev.langchain4j.model.chat.request.ToolChoice;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.request.json.JsonSchema;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.PartialThinking;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiEmbeddingModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** LangChain4j's OpenAI models. */
class LangChain4jTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final JsonObjectSchema POINT =
      JsonObjectSchema.builder()
          .addEnumProperty("color", List.of("red", "blue"))
          .addBooleanProperty("visible")
          .required("color", "visible")
          .additionalProperties(false)
          .build();

  private static Served served;

  @BeforeAll
  static void start() {
    served = Served.start();
  }

  @AfterAll
  static void stop() {
    served.close();
  }

  private static OpenAiChatModel.OpenAiChatModelBuilder model(String name) {
    return OpenAiChatModel.builder()
        .baseUrl(served.url() + "/v1")
        .apiKey("none")
        .modelName(name)
        .timeout(LIMIT)
        .maxRetries(0);
  }

  @Test
  void chat() {
    OpenAiChatModel model =
        model("embedded").temperature(0.0).maxTokens(300).returnThinking(true).build();
    ChatResponse response = model.chat(UserMessage.from("What is 2 + 3?"));
    assertThat(response.aiMessage().text()).contains("5");
    assertThat(response.aiMessage().thinking()).isNotBlank();
    assertThat(response.tokenUsage().totalTokenCount()).isPositive();
  }

  @Test
  void stream() throws Exception {
    OpenAiStreamingChatModel model =
        OpenAiStreamingChatModel.builder()
            .baseUrl(served.url() + "/v1")
            .apiKey("none")
            .modelName("embedded")
            .temperature(0.0)
            .maxTokens(300)
            .returnThinking(true)
            .timeout(LIMIT)
            .build();
    StringBuilder text = new StringBuilder();
    StringBuilder thoughts = new StringBuilder();
    CompletableFuture<ChatResponse> done = new CompletableFuture<>();
    model.chat(
        "What is 2 + 3?",
        new StreamingChatResponseHandler() {
          @Override
          public void onPartialResponse(String more) {
            text.append(more);
          }

          @Override
          public void onPartialThinking(PartialThinking more) {
            thoughts.append(more.text());
          }

          @Override
          public void onCompleteResponse(ChatResponse response) {
            done.complete(response);
          }

          @Override
          public void onError(Throwable error) {
            done.completeExceptionally(error);
          }
        });
    ChatResponse response = done.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    assertThat(response.aiMessage().text()).isEqualTo(text.toString()).contains("5");
    assertThat(thoughts.toString()).isNotBlank();
  }

  @Test
  void tools() {
    ToolSpecification tool =
        ToolSpecification.builder().name("draw").description("draws").parameters(POINT).build();
    ChatResponse response =
        model("tiny")
            .seed(1)
            .parallelToolCalls(false)
            .build()
            .chat(
                ChatRequest.builder()
                    .messages(UserMessage.from("Hello"))
                    .toolSpecifications(tool)
                    .toolChoice(ToolChoice.REQUIRED)
                    .build());
    var call = response.aiMessage().toolExecutionRequests().getFirst();
    assertThat(call.name()).isEqualTo("draw");
    assertPoint(call.arguments());
  }

  private static void assertPoint(String json) {
    JsonNode point = JsonMapper.shared().readTree(json);
    assertThat(point.path("color").stringValue()).isIn("red", "blue");
    assertThat(point.path("visible").isBoolean()).isTrue();
  }

  @Test
  void schema() {
    JsonSchema schema = JsonSchema.builder().name("point").rootElement(POINT).build();
    ChatResponse response =
        model("tiny")
            .seed(2)
            .strictJsonSchema(true)
            .build()
            .chat(
                ChatRequest.builder()
                    .messages(UserMessage.from("Hello"))
                    .responseFormat(
                        ResponseFormat.builder()
                            .type(ResponseFormatType.JSON)
                            .jsonSchema(schema)
                            .build())
                    .build());
    assertPoint(response.aiMessage().text());
  }

  @Test
  void embeddings() {
    OpenAiEmbeddingModel model =
        OpenAiEmbeddingModel.builder()
            .baseUrl(served.url() + "/v1")
            .apiKey("none")
            .modelName("embedded")
            .timeout(LIMIT)
            .build();
    assertThat(model.embed("one").content().vector())
        .isNotEqualTo(model.embed("two").content().vector());
  }
}
