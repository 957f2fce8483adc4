// What the page asks of the server. All paths are relative, so that the page works behind a prefix.
import { t } from './i18n.js';
import { events } from './sse.js';

const KEY = 'tiefsee.key';

/**
 * Something went wrong with a request.
 * kind: 'offline' (no connection), 'lost' (it broke off), 'key', 'busy', 'bad' (the request is refused), 'server'.
 */
export class ApiError extends Error {
  constructor(kind, message, { status = 0, code = '', retryAfter = 0 } = {}) {
    super(message);
    this.kind = kind;
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
  }

  /** What the reader can do about it. */
  get hint() {
    if (/context/.test(this.code) || /context (length|window|size)/i.test(this.message)) {
      return t('hint.context');
    }
    if (this.kind === 'busy' && this.retryAfter > 0) {
      return t('hint.retryAfter', { seconds: this.retryAfter });
    }
    return t('hint.' + this.kind);
  }
}

/** The key for the server, or ''. */
export function apiKey() {
  return localStorage.getItem(KEY) ?? '';
}

export function setApiKey(key) {
  localStorage.setItem(KEY, key);
}

let askForKey = async () => false;

/** How the page asks for a key when the server wants one; resolves with true if there is a new one. */
export function onKeyWanted(ask) {
  askForKey = ask;
}

/**
 * Fetches; asks for a key where one is wanted, unless `quiet`, as what is asked again and again has to be.
 * Errors are always ApiErrors, or the AbortError of the signal.
 */
async function request(path, { method = 'GET', body, signal, quiet = false } = {}) {
  for (;;) {
    const headers = {};
    if (apiKey()) {
      headers.Authorization = 'Bearer ' + apiKey();
    }
    if (body !== undefined) {
      headers['Content-Type'] = 'application/json';
    }
    let response;
    try {
      response = await fetch(path, { method, headers, signal, body: body === undefined ? undefined : JSON.stringify(body) });
    } catch (error) {
      throw error.name === 'AbortError' ? error : new ApiError('offline', t('error.offline'));
    }
    if (response.ok) {
      return response;
    }
    if (response.status === 401 && !quiet && (await askForKey())) {
      continue;
    }
    throw await refusal(response);
  }
}

async function refusal(response) {
  const text = await response.text().catch(() => '');
  let error = {};
  try {
    const json = JSON.parse(text);
    error = json.error ?? json;
  } catch {
    // Not every error on the way comes from our server; then the status has to do.
  }
  const status = response.status;
  const kind = status === 401 || status === 403 ? 'key' : status === 429 || status === 503 ? 'busy' : status < 500 ? 'bad' : 'server';
  const message = typeof error === 'string' ? error : (error.message ?? t('error.status', { status }));
  return new ApiError(kind, message, {
    status,
    code: String(error.code ?? ''),
    retryAfter: Number(response.headers.get('Retry-After')) || 0,
  });
}

async function json(path, options) {
  const response = await request(path, options);
  try {
    return await response.json();
  } catch (error) {
    throw error.name === 'AbortError' ? error : new ApiError('lost', t('error.lost'));
  }
}

/** [{id, state, memory, context, thinks, defaults}] */
export async function models(quiet) {
  const list = await json('v1/models', { quiet });
  return list.data.map((m) => ({
    id: m.id,
    state: m.tiefsee?.state ?? 'loaded',
    memory: m.tiefsee?.memory_bytes ?? 0,
    context: m.tiefsee?.context_length ?? 0,
    thinks: m.tiefsee?.thinks ?? true,
    defaults: m.tiefsee?.defaults ?? {},
  }));
}

/** True if the server answers. */
export async function alive() {
  try {
    return (await fetch('health', { cache: 'no-store' })).ok;
  } catch {
    return false;
  }
}

export const status = (signal) => json('tiefsee/v1/status', { signal, quiet: true });
export const runs = (signal) => json('tiefsee/v1/runs', { signal, quiet: true });
export const run = (name, from, signal) => json(`tiefsee/v1/runs/${encodeURIComponent(name)}?from=${from}`, { signal, quiet: true });
export const priceOf = (model, usage) => json('tiefsee/v1/price', { method: 'POST', body: { model, usage } });

/** Endpoints elsewhere that the server passes questions to: [{name, model}]. */
export async function remotes(quiet) {
  return orElse(async () => (await json('tiefsee/v1/remotes', { quiet })).remotes, []);
}

/** The last arena's report, or undefined. */
export async function arena() {
  return orElse(() => json('tiefsee/v1/arena'), undefined);
}

/** What a server may lack: 404 gives the other value. */
async function orElse(get, other) {
  try {
    return await get();
  } catch (error) {
    if (error.status === 404) {
      return other;
    }
    throw error;
  }
}

/**
 * Asks for an answer. Yields, as they come,
 * {thinking}, {text}, {call: {index, id, name, arguments}}, {queue}, {loading}, {usage}, {votes}, {notes}, {finish}.
 * remote: the name of an endpoint elsewhere, or ''.
 */
export async function* chat(body, { signal, remote = '' } = {}) {
  const path = remote ? `tiefsee/v1/remotes/${encodeURIComponent(remote)}/chat/completions` : 'v1/chat/completions';
  const response = await request(path, { method: 'POST', body, signal });
  if (!(response.headers.get('Content-Type') ?? '').includes('event-stream')) {
    yield* parts(await response.json().catch(lost), 'message');
    return;
  }
  let finished = false;
  try {
    for await (const event of events(response.body)) {
      if (event.comment !== undefined) {
        yield* waiting(event.comment);
      } else if (event.data === '[DONE]') {
        finished = true;
      } else {
        const chunk = JSON.parse(event.data);
        if (chunk.error) {
          throw new ApiError('server', chunk.error.message ?? String(chunk.error), { code: String(chunk.error.code ?? '') });
        }
        finished ||= Boolean(chunk.choices?.[0]?.finish_reason);
        yield* parts(chunk, 'delta');
      }
    }
  } catch (error) {
    if (error instanceof ApiError || error.name === 'AbortError') {
      throw error;
    }
    lost();
  }
  if (!finished) {
    lost();
  }
}

function lost() {
  throw new ApiError('lost', t('error.lost'));
}

function* waiting(comment) {
  const found = comment.match(/\{.*\}/);
  if (!found) {
    return;
  }
  try {
    const state = JSON.parse(found[0]);
    if (state.queue_position !== undefined) {
      yield { queue: state.queue_position };
    } else if (state.state === 'loading') {
      yield { loading: state.progress ?? 0 };
    }
  } catch {
    // A comment of other kind; comments mean nothing by themselves.
  }
}

function* parts(chunk, field) {
  const choice = chunk.choices?.[0];
  const part = choice?.[field];
  const thinking = part?.reasoning_content ?? part?.reasoning;
  if (thinking) {
    yield { thinking };
  }
  if (part?.content) {
    yield { text: part.content };
  }
  for (const [position, call] of (part?.tool_calls ?? []).entries()) {
    yield {
      call: {
        index: call.index ?? position,
        id: call.id,
        name: call.function?.name,
        arguments: call.function?.arguments ?? '',
      },
    };
  }
  if (choice?.tiefsee?.notes) {
    yield { notes: choice.tiefsee.notes };
  }
  if (choice?.finish_reason) {
    yield { finish: choice.finish_reason };
  }
  if (chunk.tiefsee?.votes) {
    yield { votes: chunk.tiefsee.votes };
  }
  if (chunk.usage) {
    yield { usage: chunk.usage };
  }
}
