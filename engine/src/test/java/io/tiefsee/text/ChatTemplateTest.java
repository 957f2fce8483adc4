package io.tiefsee.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tiefsee.tensor.BadInput;
import io.tiefsee.text.ChatTemplate.Message;
import io.tiefsee.text.ChatTemplate.Request;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;

class ChatTemplateTest {
  private static List<Map<String, Object>> maps(JsonNode node) {
    return node.isArray()
        ? JinjaGoldenTest.JSON.convertValue(node, new TypeReference<List<Map<String, Object>>>() {})
        : List.of();
  }

  private static Request request(JsonNode c) {
    return new Request(
        maps(c.path("messages")),
        maps(c.path("tools")),
        c.path("add_generation_prompt").booleanValue(),
        Map.of());
  }

  private static Request user(String text) {
    return Request.of(List.of(new Message("user", text)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"template_deepseek_v3.json", "template_qwen3.json"})
  void rendersAsTransformersDoes(String file) throws IOException {
    JsonNode golden = JinjaGoldenTest.resource(file);
    ChatTemplate template =
        ChatTemplate.ofHuggingFace(golden.path("tokenizer_config"), Optional.empty());
    assertThat(golden.path("render").size()).isEqualTo(16);
    for (JsonNode c : golden.path("render")) {
      if (c.has("error")) {
        assertThatThrownBy(() -> template.render(request(c))).isInstanceOf(BadInput.class);
      } else {
        assertThat(template.render(request(c))).isEqualTo(c.path("text").stringValue());
      }
    }
  }

  @Test
  void rendersTheTemplateOfAGgufFile() throws IOException {
    JsonNode golden = JinjaGoldenTest.resource("template_smollm2.json");
    JsonNode special = golden.path("special_tokens");
    ChatTemplate template =
        ChatTemplate.ofGguf(
            Optional.of(golden.path("template").stringValue()),
            Map.of("bos_token", special.path("bos_token").stringValue()));
    assertThat(golden.path("cases").size()).isEqualTo(6);
    for (JsonNode c : golden.path("cases")) {
      assertThat(template.render(request(c))).isEqualTo(c.path("rendered").stringValue());
    }
  }

  @Test
  void extraVariablesReachTheTemplate() throws IOException {
    JsonNode config = JinjaGoldenTest.resource("template_qwen3.json").path("tokenizer_config");
    ChatTemplate template = ChatTemplate.ofHuggingFace(config, Optional.empty());
    Request plain = user("Hi");
    Request quick =
        new Request(plain.messages(), List.of(), true, Map.of("enable_thinking", false));
    assertThat(template.render(quick))
        .isEqualTo(template.render(plain) + "<think>\n\n</think>\n\n");
  }

  @Test
  void withoutATemplateChatMlIsUsed() {
    String expected = "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n";
    assertThat(ChatTemplate.ofGguf(Optional.empty(), Map.of()).render(user("Hi")))
        .isEqualTo(expected);
    JsonNode empty = JinjaGoldenTest.JSON.readTree("{}");
    assertThat(ChatTemplate.ofHuggingFace(empty, Optional.empty()).render(user("Hi")))
        .isEqualTo(expected);
  }

  @Test
  void theTemplateFileGoesFirst() {
    JsonNode config =
        JinjaGoldenTest.JSON.readTree("{\"chat_template\":\"a\",\"bos_token\":\"<s>\"}");
    assertThat(ChatTemplate.ofHuggingFace(config, Optional.of("{{ bos_token }}b")).render(user("")))
        .isEqualTo("<s>b");
  }

  @Test
  void namedTemplatesAreChosenByTools() {
    JsonNode config =
        JinjaGoldenTest.JSON.readTree(
            """
            {"chat_template":[{"name":"tool_use","template":"tools {{ tools|length }}"},
             {"name":"default","template":"plain {{ tools is none }}"}]}\
            """);
    ChatTemplate template = ChatTemplate.ofHuggingFace(config, Optional.empty());
    Request plain = user("Hi");
    assertThat(template.render(plain)).isEqualTo("plain True");
    Request tools =
        new Request(plain.messages(), List.of(Map.of("type", "function")), true, Map.of());
    assertThat(template.render(tools)).isEqualTo("tools 1");
    JsonNode other =
        JinjaGoldenTest.JSON.readTree("{\"chat_template\":[{\"name\":\"rag\",\"template\":\"\"}]}");
    assertThatThrownBy(() -> ChatTemplate.ofHuggingFace(other, Optional.empty()))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("default");
  }

  @Test
  void theClockIsGiven() {
    Clock clock = Clock.fixed(Instant.parse("2025-01-20T09:05:00Z"), ZoneOffset.UTC);
    ChatTemplate template =
        ChatTemplate.of("{{ strftime_now('%d %b %Y %H:%M') }}", Map.of()).withClock(clock);
    assertThat(template.render(user(""))).isEqualTo("20 Jan 2025 09:05");
  }

  @Test
  void errorsNameTheLineOrTheTemplatesOwnWords() {
    assertThatThrownBy(() -> ChatTemplate.of("a\n{% if x %}\n{{ y", Map.of()))
        .isInstanceOf(BadInput.class)
        .hasMessageStartingWith("chat template, line 3: ");
    assertThatThrownBy(() -> ChatTemplate.of("\n\n{{ nope.x }}", Map.of()).render(user("")))
        .isInstanceOf(BadInput.class)
        .hasMessage("chat template, line 3: 'nope' is undefined");
    ChatTemplate strict =
        ChatTemplate.of("{{ raise_exception('roles\\nmust alternate') }}", Map.of());
    assertThatThrownBy(() -> strict.render(user("")))
        .isInstanceOf(BadInput.class)
        .hasMessage("the chat template rejects the conversation: roles\\nmust alternate");
  }

  @Test
  void whatUsersWriteIsNeverInterpreted() {
    String text = "{{ 7*7 }} {% raise %} {# c #} \\n 'x' {%- endfor %}";
    ChatTemplate template = ChatTemplate.of("{{ messages[0].content|trim ~ '' }}", Map.of());
    assertThat(template.render(user(text))).isEqualTo(text);
  }

  @Test
  void nullsFromJsonAreNone() {
    Map<String, Object> message = new Message("assistant", "x").toMap();
    message.put("content", null);
    ChatTemplate template =
        ChatTemplate.of("{{ messages[0].content is none }} {{ messages|tojson }}", Map.of());
    assertThat(template.render(new Request(List.of(message), List.of(), false, Map.of())))
        .isEqualTo("True [{\"role\": \"assistant\", \"content\": null}]");
  }

  /** Templates that would run for ever, recurse for ever or fill the memory. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{% for a in range(99999) %}{% for b in range(99999) %}{{ a }}{% endfor %}{% endfor %}",
        "{% for i in range(1000000000) %}{% endfor %}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{% macro m(x) %}{% if x %}{% for i in [1] %}{{ m(x + [1]) }}{% endfor %}{% endif %}"
            + "{% endmacro %}{{ m([1]) }}",
        "{% for i in [[]] recursive %}{{ loop([i]) }}{% endfor %}",
        "{{ 'a' * 1000000000 }}",
        "{{ [1] * 1000000000 }}",
        "{{ 9 ** 99999999 }}",
        "{{ 'a'.center(2000000000) }}",
        "{{ '%1000000000d' % 1 }}",
        "{{ '{:1000000000}'.format(1) }}",
        "{{ '{:.999999999f}'.format(1.5) }}",
        "{% set n = namespace(s='a') %}{% for i in range(99) %}{% set n.s = n.s + n.s %}{% endfor"
            + " %}",
        "{% set n = namespace(s='ab') %}{% for i in range(99) %}"
            + "{% set n.s = n.s|replace('a', n.s) %}{% endfor %}",
        "{% set n = namespace(x=[]) %}{% for i in range(50000) %}{% set n.x = [n.x] %}{% endfor %}"
            + "{{ n.x }}",
        "{% set n = namespace(x=[]) %}{% for i in range(50000) %}{% set n.x = [n.x] %}{% endfor %}"
            + "{{ n.x|tojson }}",
        "{% set n = namespace(x=(), y=()) %}{% for i in range(50000) %}{% set n.x = (n.x,) %}"
            + "{% set n.y = (n.y,) %}{% endfor %}{{ n.x == n.y }}",
        "{% set n = namespace(x=()) %}{% for i in range(50000) %}{% set n.x = (n.x,) %}{% endfor %}"
            + "{{ {n.x: 1} }}",
        "{% set n = namespace() %}{% set n.n = n %}{{ n }}",
        "{% set n = namespace(x=[1]) %}{% for i in range(50) %}{% set n.x = [n.x, n.x] %}{% endfor"
            + " %}{{ n.x|string|length }}",
        "{% set n = namespace(x=[1]) %}{% for i in range(50) %}{% set n.x = [n.x, n.x] %}{% endfor"
            + " %}{{ n.x|tojson|length }}",
        "{% set n = namespace(x=[1], y=[1]) %}{% for i in range(60) %}{% set n.x = [n.x, n.x] %}"
            + "{% set n.y = [n.y, n.y] %}{% endfor %}{{ n.x == n.y }}",
        "{{ range(99999)|map('string')|map('replace', '', 'x' * 60000)|join }}",
        "{% for i in range(90000) %}{{ 'x' * 1000000 }}{% endfor %}",
      })
  void boundlessTemplatesFail(String source) {
    assertThatThrownBy(() -> ChatTemplate.of(source, Map.of()).render(user("x")))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("chat template, line ");
  }

  @Test
  void deeplyNestedSourceFails() {
    int n = 20_000;
    List<String> sources = new ArrayList<>();
    for (String open :
        List.of("(", "[", "{1:", "-", "not ", "x[", "x(", "1 if ", "x|d(", "x is eq ")) {
      sources.add("{{ " + open.repeat(n) + "1");
    }
    for (String chain :
        List.of("+1", ".x", "|upper", "[0]", " if x else 1", "()", " and 1", "~1")) {
      sources.add("{{ x" + chain.repeat(n) + " }}");
    }
    sources.add("{% filter " + "upper|".repeat(n) + "upper %}x{% endfilter %}{{ 1 + }}");
    sources.add("{% if 1 %}".repeat(n));
    sources.add("{% for x in y %}".repeat(n));
    sources.add("{% for " + "(".repeat(n) + "x");
    for (String source : sources) {
      Map<String, Object> variables = Map.of("x", "1");
      try {
        String text = ChatTemplate.render(source, variables, Clock.systemUTC());
        assertThat(text).hasSizeLessThan(2 * n); // flat chains such as 1~1~1 are fine
      } catch (BadInput e) {
        assertThat(e).hasMessageStartingWith("chat template, line ");
      }
    }
  }
}
