// Settings and messages as the body of a request.
import { builtInTools } from './tools.js';

const NUMBERS = ['temperature', 'top_p', 'top_k', 'min_p', 'repetition_penalty', 'presence_penalty', 'frequency_penalty', 'max_tokens', 'seed'];
const ALSO_ELSEWHERE = ['temperature', 'top_p', 'presence_penalty', 'frequency_penalty', 'max_tokens'];

/** A model's name in the settings that stands for an endpoint elsewhere. */
export const REMOTE = 'remote:';

/** The name of the endpoint elsewhere that the settings choose, or ''. */
export function remoteOf(settings) {
  return settings.model.startsWith(REMOTE) ? settings.model.slice(REMOTE.length) : '';
}

/** What a user sees as text and the model too: attached files come before the question. */
export function withAttachments(message) {
  const files = (message.attachments ?? []).map((a) => {
    const fence = '`'.repeat(Math.max(3, ...[...a.text.matchAll(/`+/g)].map((m) => m[0].length + 1)));
    return `${a.name}:\n${fence}\n${a.text}\n${fence}\n\n`;
  });
  return files.join('') + message.content;
}

/** The messages of a path as the API has them; thoughts of earlier answers are left out, as R1 wants it. */
export function apiMessages(path, system) {
  const list = system.trim() ? [{ role: 'system', content: system }] : [];
  for (const m of path) {
    if (m.role === 'user') {
      list.push({ role: 'user', content: withAttachments(m) });
    } else if (m.role === 'tool') {
      list.push({ role: 'tool', tool_call_id: m.callId, content: m.content });
    } else {
      const calls = (m.calls ?? []).map((c) => ({ id: c.id, type: 'function', function: { name: c.name, arguments: c.arguments } }));
      list.push({ role: 'assistant', content: m.content, ...(calls.length > 0 ? { tool_calls: calls } : {}) });
    }
  }
  return list;
}

/** The functions that the settings offer to the model; throws a SyntaxError if the user's own are no JSON. */
export function offeredTools(settings) {
  const own = settings.tools.trim() ? JSON.parse(settings.tools) : [];
  const wrapped = (Array.isArray(own) ? own : [own]).map((f) => (f.type === 'function' ? f : { type: 'function', function: f }));
  return [...(settings.builtInTools ? builtInTools() : []), ...wrapped];
}

/**
 * The body of a chat request. `path` ends with the message to answer; `partial` is an answer that broke off
 * and goes on where it ended.
 */
export function chatBody(settings, path, partial) {
  const messages = apiMessages(path, settings.system);
  const body = { messages, stream: true, stream_options: { include_usage: true } };
  const remote = remoteOf(settings) !== '';
  for (const name of remote ? ALSO_ELSEWHERE : NUMBERS) {
    if (settings[name] !== null) {
      body[name] = settings[name];
    }
  }
  const stops = settings.stop.split('\n').filter(Boolean);
  if (stops.length > 0) {
    body.stop = stops;
  }
  const tools = offeredTools(settings);
  if (tools.length > 0) {
    body.tools = tools;
  }
  if (settings.schema.trim()) {
    body.response_format = { type: 'json_schema', json_schema: { name: 'answer', strict: true, schema: JSON.parse(settings.schema) } };
  }
  return remote ? body : { ...body, ...ofThisServer(settings), ...continuing(messages, partial) };
}

/** What only Tiefsee knows. */
function ofThisServer(settings) {
  const fields = { receipt: true, thinking: { type: settings.thinking ? 'enabled' : 'disabled' } };
  if (settings.model) {
    fields.model = settings.model;
  }
  if (settings.thinking && settings.budgetKind === 'tokens') {
    fields.thinking_budget = settings.budget;
  } else if (settings.thinking && settings.budgetKind === 'seconds') {
    fields.thinking_seconds = settings.budget;
  } else if (settings.thinking && settings.budgetKind === 'cents') {
    fields.thinking_cents = settings.budget;
  }
  if (settings.samples > 1) {
    fields.best_of = settings.samples;
  }
  return fields;
}

function continuing(messages, partial) {
  if (!partial || (!partial.content && !partial.thinking)) {
    return {};
  }
  const prefix = { role: 'assistant', content: partial.content, prefix: true };
  if (partial.thinking) {
    prefix.reasoning_content = partial.thinking;
  }
  return { messages: [...messages, prefix] };
}
