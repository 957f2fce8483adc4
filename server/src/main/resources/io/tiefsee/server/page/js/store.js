// Conversations and messages in the browser's own database. They never leave it, but for the questions asked.
// Several tabs share it; each tells the others what it changed.

const opened = new Promise((resolve, reject) => {
  const request = indexedDB.open('tiefsee', 1);
  request.onupgradeneeded = () => {
    const db = request.result;
    db.createObjectStore('conversations', { keyPath: 'id' });
    db.createObjectStore('messages', { keyPath: 'id' }).createIndex('conversation', 'conversation');
    db.createObjectStore('values');
  };
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

const channel = new BroadcastChannel('tiefsee');
const listeners = new Set();
channel.onmessage = (event) => listeners.forEach((listen) => listen(event.data));

/** Calls back with {conversation, message?, deleted?} when another tab changed something; gives the function that ends it. */
export function onChange(listen) {
  listeners.add(listen);
  return () => listeners.delete(listen);
}

/** Runs work(stores…) in one transaction and resolves with its request's result when all is on disk. */
async function transact(names, mode, work) {
  const db = await opened;
  return new Promise((resolve, reject) => {
    const transaction = db.transaction(names, mode);
    const request = work(...names.map((name) => transaction.objectStore(name)));
    transaction.oncomplete = () => resolve(request?.result);
    transaction.onerror = () => reject(transaction.error);
    transaction.onabort = () => reject(transaction.error);
  });
}

/** All conversations, the latest first. */
export async function conversations() {
  const all = await transact(['conversations'], 'readonly', (c) => c.getAll());
  return all.sort((a, b) => b.updated - a.updated);
}

export const conversation = (id) => transact(['conversations'], 'readonly', (c) => c.get(id));

/** All messages of a conversation, of all branches, in no order. */
export const messages = (id) => transact(['messages'], 'readonly', (m) => m.index('conversation').getAll(id));

export async function putConversation(value) {
  await transact(['conversations'], 'readwrite', (c) => c.put(value));
  channel.postMessage({ conversation: value.id });
}

/** Stores a message, unless its conversation has been deleted meanwhile. */
export async function putMessage(value) {
  await transact(['conversations', 'messages'], 'readwrite', (c, m) => {
    const found = c.getKey(value.conversation);
    found.onsuccess = () => found.result !== undefined && m.put(value);
  });
  channel.postMessage({ conversation: value.conversation, message: value });
}

/** Stores a conversation with messages at once: an import, or a question with its answer to come. */
export async function putAll(value, list) {
  await transact(['conversations', 'messages'], 'readwrite', (c, m) => {
    c.put(value);
    list.forEach((message) => m.put(message));
  });
  channel.postMessage({ conversation: value.id });
}

export async function deleteConversation(id) {
  await transact(['conversations', 'messages'], 'readwrite', (c, m) => {
    c.delete(id);
    const keys = m.index('conversation').getAllKeys(id);
    keys.onsuccess = () => keys.result.forEach((key) => m.delete(key));
  });
  channel.postMessage({ conversation: id, deleted: true });
}

/** Identifiers of the conversations whose title or any message holds all words of a query. */
export async function search(query) {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const [all, texts] = await Promise.all([
    conversations(),
    transact(['messages'], 'readonly', (m) => m.getAll()),
  ]);
  const byConversation = new Map(all.map((c) => [c.id, c.title.toLowerCase()]));
  for (const m of texts) {
    byConversation.set(m.conversation, (byConversation.get(m.conversation) ?? '') + '\n' + m.content.toLowerCase());
  }
  return new Set([...byConversation].filter(([, text]) => words.every((w) => text.includes(w))).map(([id]) => id));
}

/** A value that the page keeps beside the conversations, or undefined. */
export const value = (key) => transact(['values'], 'readonly', (v) => v.get(key));
export const putValue = (key, content) => transact(['values'], 'readwrite', (v) => v.put(content, key));
