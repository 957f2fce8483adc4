// A conversation is a tree: an edited question or another answer is a further child of the same parent.
// What is shown is the path from the root to the chosen leaf.
import { newId } from './dom.js';
import * as store from './store.js';

/** The settings of a new conversation; '' and null mean: as the model has it. */
export const DEFAULT_SETTINGS = {
  model: '',
  system: '',
  thinking: true,
  budgetKind: 'none', // none, tokens, seconds, cents
  budget: 512,
  samples: 1,
  temperature: null,
  top_p: null,
  top_k: null,
  min_p: null,
  repetition_penalty: null,
  presence_penalty: null,
  frequency_penalty: null,
  max_tokens: null,
  seed: null,
  stop: '',
  schema: '',
  builtInTools: false,
  tools: '',
};

const LAST_SETTINGS = 'tiefsee.settings';

/** The settings last used, for the next conversation; without what belongs to one task only. */
export function lastSettings() {
  try {
    const last = JSON.parse(localStorage.getItem(LAST_SETTINGS) ?? '{}');
    return { ...DEFAULT_SETTINGS, ...last, schema: '', system: '' };
  } catch {
    return { ...DEFAULT_SETTINGS };
  }
}

export function rememberSettings(settings) {
  localStorage.setItem(LAST_SETTINGS, JSON.stringify(settings));
}

export class Conversation {
  /** meta is the stored record {id, title, titled, created, updated, leaf, settings}. */
  constructor(meta, messages = []) {
    this.meta = meta;
    this.messages = new Map(messages.map((m) => [m.id, m]));
    this.stored = messages.length > 0;
  }

  static create() {
    const now = Date.now();
    return new Conversation({ id: newId(), title: '', titled: false, created: now, updated: now, leaf: null, settings: lastSettings() });
  }

  /** The stored conversation of an identifier, or undefined. */
  static async load(id) {
    const [meta, messages] = await Promise.all([store.conversation(id), store.messages(id)]);
    if (!meta) {
      return undefined;
    }
    meta.settings = { ...DEFAULT_SETTINGS, ...meta.settings };
    const loaded = new Conversation(meta, messages);
    loaded.stored = true;
    return loaded;
  }

  get id() {
    return this.meta.id;
  }

  get settings() {
    return this.meta.settings;
  }

  /** The messages shown, the first first. */
  path(leaf = this.meta.leaf) {
    const path = [];
    for (let m = this.messages.get(leaf); m; m = this.messages.get(m.parent)) {
      path.unshift(m);
    }
    return path;
  }

  /** The children of a message (of null: the roots), the oldest first. */
  children(parent) {
    return [...this.messages.values()]
      .filter((m) => m.parent === parent)
      .sort((a, b) => a.created - b.created || (a.id < b.id ? -1 : 1));
  }

  /** Shows the branch of a message: down to its youngest descendant. */
  async show(message) {
    let leaf = message;
    for (let next = this.children(leaf.id); next.length > 0; next = this.children(leaf.id)) {
      leaf = next[next.length - 1];
    }
    this.meta.leaf = leaf.id;
    await this.save();
  }

  /** Adds a message under a parent, shows it, and stores both. */
  async add(parent, fields) {
    const message = {
      id: newId(),
      conversation: this.id,
      parent: parent ?? null,
      content: '',
      thinking: '',
      status: 'done',
      created: Date.now(),
      ...fields,
    };
    this.messages.set(message.id, message);
    this.meta.leaf = message.id;
    this.meta.updated = message.created;
    if (!this.meta.titled && !this.meta.title && message.role === 'user') {
      this.meta.title = titleOf(message);
    }
    await store.putAll(this.meta, [message]);
    this.stored = true;
    return message;
  }

  async rename(title) {
    this.meta.title = title;
    this.meta.titled = true;
    await this.save();
  }

  async changeSettings(changes) {
    Object.assign(this.settings, changes);
    rememberSettings(this.settings);
    await this.save();
  }

  /** Stores title, leaf and settings; a conversation without messages stays unstored. */
  async save() {
    if (this.stored) {
      await store.putConversation(this.meta);
    }
  }
}

function titleOf(message) {
  const text = message.content.replace(/\s+/g, ' ').trim() || message.attachments?.[0]?.name || '…';
  return text.length <= 60 ? text : text.slice(0, 59).replace(/\s+\S*$/, '') + '…';
}
