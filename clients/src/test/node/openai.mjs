// npm's openai: chat, streams, tools, schemas, responses, embeddings.
import assert from 'node:assert/strict';
import OpenAI from 'openai';

const client = new OpenAI({ baseURL: process.argv[2] + '/v1', apiKey: 'none', maxRetries: 0, timeout: 60_000 });
const sum = {
  model: 'embedded',
  messages: [{ role: 'user', content: 'What is 2 + 3?' }],
  temperature: 0,
  max_tokens: 300,
};
const point = {
  type: 'object',
  properties: { color: { enum: ['red', 'blue'] }, visible: { type: 'boolean' } },
  required: ['color', 'visible'],
  additionalProperties: false,
};
const hello = { model: 'tiny', messages: [{ role: 'user', content: 'Hello' }], seed: 1 };

function assertPoint(json) {
  const value = JSON.parse(json);
  assert.ok(['red', 'blue'].includes(value.color));
  assert.equal(typeof value.visible, 'boolean');
}

const whole = (await client.chat.completions.create(sum)).choices[0].message;
assert.match(whole.content, /5/);
assert.ok(whole.reasoning_content.length > 0);

let text = '';
let thoughts = '';
let usage;
const options = { stream: true, stream_options: { include_usage: true } };
for await (const chunk of await client.chat.completions.create({ ...sum, ...options })) {
  text += chunk.choices[0]?.delta.content ?? '';
  thoughts += chunk.choices[0]?.delta.reasoning_content ?? '';
  usage = chunk.usage ?? usage;
}
assert.equal(text, whole.content);
assert.equal(thoughts, whole.reasoning_content);
assert.ok(usage.total_tokens > 0);

const tools = [{ type: 'function', function: { name: 'draw', parameters: point, strict: true } }];
const called = await client.chat.completions
  .stream({ ...hello, tools, tool_choice: 'required', parallel_tool_calls: false })
  .finalChatCompletion();
assert.equal(called.choices[0].finish_reason, 'tool_calls');
assertPoint(called.choices[0].message.tool_calls[0].function.arguments);

const response_format = { type: 'json_schema', json_schema: { name: 'point', schema: point, strict: true } };
const held = await client.chat.completions.parse({ ...hello, response_format });
assertPoint(held.choices[0].message.content);

const response = await client.responses.create({
  model: 'embedded', input: 'What is 2 + 3?', temperature: 0, max_output_tokens: 300,
});
assert.equal(response.output_text, whole.content);
const next = client.responses.stream({
  model: 'embedded', input: 'And 3 + 4?', previous_response_id: response.id, max_output_tokens: 300,
});
assert.equal((await next.finalResponse()).previous_response_id, response.id);

const embeddings = await client.embeddings.create({ model: 'embedded', input: ['one', 'two'] });
assert.equal(embeddings.data.length, 2);
assert.notDeepEqual(embeddings.data[0].embedding, embeddings.data[1].embedding);

await assert.rejects(client.chat.completions.create({ ...hello, temperature: 3 }), (e) => {
  assert.equal(e.status, 400);
  assert.equal(e.param, 'temperature');
  return true;
});

const controller = new AbortController();
const cut = await client.chat.completions.create({ ...sum, stream: true }, { signal: controller.signal });
for await (const chunk of cut) {
  assert.ok(chunk.id);
  controller.abort();
}
console.log('ok');
