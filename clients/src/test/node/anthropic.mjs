// Anthropic's client against its API as the server has it.
import assert from 'node:assert/strict';
import Anthropic from '@anthropic-ai/sdk';

const client = new Anthropic({
  baseURL: process.argv[2] + '/anthropic', apiKey: 'none', maxRetries: 0, timeout: 60_000,
});
const sum = {
  model: 'embedded',
  max_tokens: 300,
  temperature: 0,
  messages: [{ role: 'user', content: 'What is 2 + 3?' }],
};

const whole = await client.messages.create(sum);
assert.equal(whole.content[0].type, 'thinking');
assert.match(whole.content[1].text, /5/);
assert.equal(whole.stop_reason, 'end_turn');

const stream = client.messages.stream(sum);
let text = '';
stream.on('text', (more) => (text += more));
const final = await stream.finalMessage();
assert.equal(text, whole.content[1].text);
assert.deepEqual(final.content, whole.content);
assert.equal(final.usage.output_tokens, whole.usage.output_tokens);

// The thoughts go back as they came.
const next = await client.messages.create({
  ...sum,
  messages: [...sum.messages, { role: 'assistant', content: final.content }, { role: 'user', content: 'And 3 + 4?' }],
});
assert.ok(next.usage.output_tokens > 0);

const tools = [{
  name: 'draw',
  input_schema: {
    type: 'object',
    properties: { color: { enum: ['red', 'blue'] }, visible: { type: 'boolean' } },
    required: ['color', 'visible'],
    additionalProperties: false,
  },
}];
const called = await client.messages
  .stream({
    model: 'tiny', max_tokens: 300, tools, tool_choice: { type: 'any', disable_parallel_tool_use: true },
    messages: [{ role: 'user', content: 'Hello' }],
  })
  .finalMessage();
assert.equal(called.stop_reason, 'tool_use');
assert.equal(typeof called.content[0].input.visible, 'boolean');

const names = [];
for await (const model of client.models.list()) {
  names.push(model.id);
}
assert.deepEqual(names, ['embedded', 'tiny']);
assert.equal((await client.models.retrieve('tiny')).type, 'model');

const count = await client.messages.countTokens({ model: 'embedded', messages: sum.messages });
assert.equal(count.input_tokens, whole.usage.input_tokens + whole.usage.cache_read_input_tokens);

await assert.rejects(client.messages.create({ ...sum, temperature: 3 }), Anthropic.BadRequestError);
await assert.rejects(client.messages.create({ ...sum, model: 'none' }), Anthropic.NotFoundError);
console.log('ok');
