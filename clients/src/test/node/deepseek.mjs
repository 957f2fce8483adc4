// The AI SDK's DeepSeek provider: chat and streams with reasoning, tools.
import assert from 'node:assert/strict';
import { createDeepSeek } from '@ai-sdk/deepseek';
import { generateText, jsonSchema, streamText, tool } from 'ai';

const deepseek = createDeepSeek({ baseURL: process.argv[2], apiKey: 'none' });
const sum = {
  model: deepseek('embedded'), prompt: 'What is 2 + 3?', temperature: 0, maxOutputTokens: 300, maxRetries: 0,
};

const whole = await generateText(sum);
assert.match(whole.text, /5/);
assert.ok(whole.reasoningText.length > 0);
assert.equal(whole.finishReason, 'stop');
assert.ok(whole.usage.totalTokens > 0);

const stream = streamText(sum);
let text = '';
for await (const more of stream.textStream) {
  text += more;
}
assert.equal(text, whole.text);
assert.equal(await stream.reasoningText, whole.reasoningText);

const draw = tool({
  description: 'draws',
  inputSchema: jsonSchema({
    type: 'object',
    properties: { color: { enum: ['red', 'blue'] }, visible: { type: 'boolean' } },
    required: ['color', 'visible'],
    additionalProperties: false,
  }),
});
const called = await generateText({
  model: deepseek('tiny'),
  prompt: 'Hello',
  tools: { draw },
  toolChoice: { type: 'tool', toolName: 'draw' },
  maxRetries: 0,
});
assert.equal(called.finishReason, 'tool-calls');
assert.equal(called.toolCalls[0].toolName, 'draw');
assert.equal(typeof called.toolCalls[0].input.visible, 'boolean');
console.log('ok');
