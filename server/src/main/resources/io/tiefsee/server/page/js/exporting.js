// Conversations as files: JSON with all branches, to be imported again; Markdown of what is shown, to be read.
import { Conversation, DEFAULT_SETTINGS } from './conversation.js';
import { chooseFiles, newId, save } from './dom.js';
import { t, time } from './i18n.js';
import * as store from './store.js';

const FORMAT = 'tiefsee-conversations';

const fileName = (title) => title.replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-|-$/g, '').slice(0, 60) || 'tiefsee';

async function asJson(ids) {
  const conversations = [];
  for (const id of ids) {
    const [meta, messages] = await Promise.all([store.conversation(id), store.messages(id)]);
    conversations.push({ ...meta, messages: messages.sort((a, b) => a.created - b.created) });
  }
  return JSON.stringify({ format: FORMAT, version: 1, conversations }, null, 1);
}

export async function exportJson(id) {
  save(`${fileName((await store.conversation(id)).title)}.json`, 'application/json', await asJson([id]));
}

export async function exportAll() {
  const all = await store.conversations();
  save('tiefsee-conversations.json', 'application/json', await asJson(all.map((c) => c.id)));
}

/** The path shown, as Markdown. */
export function markdownOf(conversation) {
  const parts = [`# ${conversation.meta.title}`];
  if (conversation.settings.system.trim()) {
    parts.push(`> ${conversation.settings.system.trim().replace(/\n/g, '\n> ')}`);
  }
  for (const m of conversation.path()) {
    if (m.role === 'user') {
      const files = (m.attachments ?? []).map((a) => `**${a.name}**\n\n\`\`\`\`\n${a.text}\n\`\`\`\`\n\n`).join('');
      parts.push(`## ${t('message.you')}, ${time(m.created)}\n\n${files}${m.content}`);
    } else if (m.role === 'tool') {
      parts.push(`**${m.name}**: ${m.content}`);
    } else {
      const thoughts = m.thinking ? `<details><summary>${t('thinking.fold')}</summary>\n\n${m.thinking}\n\n</details>\n\n` : '';
      const calls = (m.calls ?? []).map((c) => `\`${c.name}(${c.arguments})\``).join('\n');
      parts.push(`## ${m.model || t('message.assistant')}\n\n${thoughts}${m.content}${calls}`);
    }
  }
  return parts.join('\n\n') + '\n';
}

export async function exportMarkdown(id) {
  const conversation = await Conversation.load(id);
  save(`${fileName(conversation.meta.title)}.md`, 'text/markdown', markdownOf(conversation));
}

/** Lets the user choose files and imports them: {count, bad: names of files that hold no conversations}. */
export async function importFiles() {
  const files = await chooseFiles('.json,application/json', true);
  let count = 0;
  const bad = [];
  for (const file of files) {
    try {
      const imported = read(JSON.parse(await file.text()));
      for (const [meta, messages] of imported) {
        await store.putAll(meta, messages);
        count++;
      }
    } catch {
      bad.push(file.name);
    }
  }
  return { count, bad };
}

const text = (value) => (typeof value === 'string' ? value : '');

/** Checks a file's content and gives everything new identifiers, so that an import never overwrites anything. */
export function read(content) {
  if (content?.format !== FORMAT || !Array.isArray(content.conversations)) {
    throw new Error('no conversations');
  }
  return content.conversations.map((c) => {
    const id = newId();
    const list = c.messages.filter((m) => ['user', 'assistant', 'tool'].includes(m.role));
    const ids = new Map(list.map((m) => [m.id, newId()]));
    const messages = list.map((m) => ({
      ...m,
      id: ids.get(m.id),
      conversation: id,
      parent: ids.get(m.parent) ?? null,
      content: text(m.content),
      thinking: text(m.thinking),
      status: m.status === 'streaming' ? 'stopped' : m.status,
      created: Number(m.created) || Date.now(),
    }));
    const settings = Object.fromEntries(
      Object.entries(DEFAULT_SETTINGS).map(([key, value]) => [key, c.settings?.[key] ?? value]),
    );
    const meta = {
      id,
      title: text(c.title),
      titled: Boolean(c.titled),
      created: Number(c.created) || Date.now(),
      updated: Number(c.updated) || Date.now(),
      leaf: ids.get(c.leaf) ?? messages.at(-1)?.id ?? null,
      settings,
    };
    return [meta, messages];
  });
}
