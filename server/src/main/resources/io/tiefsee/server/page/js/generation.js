// One answer in the making: asks, collects what comes, keeps it in the store, and goes on after a broken connection.
import * as api from './api.js';
import { t } from './i18n.js';
import { chatBody, remoteOf } from './request.js';
import * as store from './store.js';

const SAVE_EVERY = 700; // ms
const GIVE_UP_AFTER = 120000; // ms without the server
const STALE_AFTER = 5000; // ms without a sign of the tab that writes a message

/** The answers that this tab is fetching, by message identifier. */
const running = new Map();

export const generationOf = (message) => running.get(message.id);

/** True if a stored message says it is being written, but nobody writes it any more: its tab was closed. */
export function isOrphan(message) {
  return message.status === 'streaming' && !running.has(message.id) && Date.now() - (message.touched ?? 0) > STALE_AFTER;
}

export class Generation {
  /**
   * @param message the assistant's message, already in the store
   * @param path the messages before it
   * @param settings how to answer
   */
  constructor(message, path, settings) {
    this.message = message;
    this.path = path;
    this.settings = settings;
    this.abort = new AbortController();
    this.listeners = new Set();
    /** What the wait is for: {queue}, {loading}, {reconnecting: true} or {}. */
    this.waiting = {};
    this.finished = new Promise((resolve) => (this.finish = resolve));
  }

  /** Calls back whenever the message has changed; gives the function that ends it. */
  onUpdate(listen) {
    this.listeners.add(listen);
    return () => this.listeners.delete(listen);
  }

  stop() {
    this.stopped = true;
    this.abort.abort();
  }

  /** Runs to the end; never throws: what went wrong stands in the message. */
  async run() {
    const message = this.message;
    running.set(message.id, this);
    Object.assign(message, { status: 'streaming', error: undefined, touched: Date.now() });
    this.ticker = setInterval(() => this.tick(), SAVE_EVERY);
    this.began = performance.now() - (message.seconds ?? 0) * 1000;
    try {
      await this.attempts();
      message.status = 'done';
    } catch (error) {
      this.failed(error);
    } finally {
      clearInterval(this.ticker);
      this.closeThinking();
      message.seconds = (performance.now() - this.began) / 1000;
      this.waiting = {};
      await this.price();
      running.delete(message.id);
      await this.save();
      this.updated();
      this.finish(message);
    }
    return message;
  }

  /** Asks until an answer is complete; after a lost connection it waits for the server and goes on with what there is. */
  async attempts() {
    for (let tries = 0; ; ) {
      const before = this.length();
      try {
        return await this.once();
      } catch (error) {
        const broken = error.kind === 'offline' || error.kind === 'lost';
        tries = this.length() > before ? 1 : tries + 1;
        if (!broken || tries > 3 || !(await this.reconnected())) {
          throw error;
        }
        if (remoteOf(this.settings)) {
          // Elsewhere an answer cannot be continued, only asked for again.
          Object.assign(this.message, { content: '', thinking: '', calls: undefined });
        }
      }
    }
  }

  async once() {
    this.waiting = {};
    const body = chatBody(this.settings, this.path, this.message);
    for await (const part of api.chat(body, { signal: this.abort.signal, remote: remoteOf(this.settings) })) {
      this.take(part);
      this.updated();
    }
  }

  length() {
    return this.message.content.length + this.message.thinking.length;
  }

  async reconnected() {
    this.waiting = { reconnecting: true };
    this.updated();
    for (const end = Date.now() + GIVE_UP_AFTER; Date.now() < end; ) {
      await new Promise((resolve) => setTimeout(resolve, 1000));
      if (this.stopped) {
        throw new DOMException('', 'AbortError');
      }
      if (await api.alive()) {
        return true;
      }
    }
    return false;
  }

  take(part) {
    const message = this.message;
    this.waiting = part.queue !== undefined || part.loading !== undefined ? part : {};
    if (part.thinking) {
      this.thinkingBegan ??= performance.now() - (message.thinkingSeconds ?? 0) * 1000;
      message.thinking += part.thinking;
      message.thinkingTokens = (message.thinkingTokens ?? 0) + 1;
    }
    if (part.text) {
      this.closeThinking();
      message.content += part.text;
      message.answerTokens = (message.answerTokens ?? 0) + 1;
    }
    if (part.call) {
      this.closeThinking();
      this.takeCall(part.call);
    }
    if (part.votes) {
      message.votes = part.votes;
    }
    if (part.notes) {
      message.notes = part.notes;
    }
    if (part.finish) {
      message.finish = part.finish;
    }
    if (part.usage) {
      message.usage = part.usage;
      message.receipt = part.usage.receipt;
      message.thinkingTokens = part.usage.completion_tokens_details?.reasoning_tokens ?? message.thinkingTokens;
    }
  }

  takeCall({ index, id, name, arguments: piece }) {
    const calls = (this.message.calls ??= []);
    const call = (calls[index] ??= { id: id ?? `call_${index}`, name: '', arguments: '' });
    call.name ||= name ?? '';
    call.arguments += piece;
  }

  closeThinking() {
    if (this.thinkingBegan !== undefined && !this.thinkingClosed) {
      this.message.thinkingSeconds = (performance.now() - this.thinkingBegan) / 1000;
      this.thinkingClosed = true;
    }
  }

  /** Seconds of thinking up to now. */
  thinkingSeconds() {
    return this.thinkingBegan !== undefined && !this.thinkingClosed
      ? (performance.now() - this.thinkingBegan) / 1000
      : (this.message.thinkingSeconds ?? 0);
  }

  failed(error) {
    if (error.name === 'AbortError') {
      this.message.status = 'stopped';
    } else if (error instanceof api.ApiError) {
      const partial = error.kind === 'lost' || error.kind === 'offline';
      this.message.status = partial ? 'interrupted' : 'error';
      this.message.error = { text: error.message, hint: error.hint };
    } else if (error instanceof SyntaxError) {
      this.message.status = 'error';
      this.message.error = { text: t('error.json', { message: error.message }), hint: t('hint.bad') };
    } else {
      this.message.status = 'error';
      this.message.error = { text: String(error.message ?? error), hint: t('hint.server') };
      console.error(error);
    }
  }

  /** What the answer of an endpoint elsewhere cost, if the server's price book knows that model. */
  async price() {
    const { usage, status } = this.message;
    if (status === 'done' && usage && remoteOf(this.settings)) {
      const name = this.message.remoteModel ?? remoteOf(this.settings);
      this.message.price = await api.priceOf(name, usage).catch(() => undefined);
    }
  }

  tick() {
    this.message.touched = Date.now();
    this.message.seconds = (performance.now() - this.began) / 1000;
    this.save();
    this.updated();
  }

  /** What cannot be stored, with the disk full for instance, is still on the page. */
  save() {
    return store.putMessage(this.message).catch((error) => console.warn(error));
  }

  updated() {
    this.listeners.forEach((listen) => listen(this.message));
  }
}
