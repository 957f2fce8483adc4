// The chat: one conversation, its thread of messages, and what the buttons on them do.
import { composer } from './composer.js';
import { Conversation } from './conversation.js';
import { announce, copyText, h, icon, toast } from './dom.js';
import { Generation, generationOf } from './generation.js';
import { t } from './i18n.js';
import { messageView } from './message.js';
import { remoteOf } from './request.js';
import * as store from './store.js';
import { isBuiltIn, runTool } from './tools.js';

const SHOWN_AT_ONCE = 40;
const SHOWN_PER_PAUSE = 20;
const MOST_TOOL_ROUNDS = 8;

/** Conversations with an answer in the making; leaving and coming back must find the same objects. */
const busy = new Map();

export class Chat {
  /** server gives {models, remotes, defaultModel(), describe(settings)}; onOpened is told which conversation is shown. */
  constructor(server, onOpened) {
    this.server = server;
    this.onOpened = onOpened;
    this.views = new Map();
    this.thread = h('div', { class: 'thread' });
    this.down = h('button', { type: 'button', class: 'jump', hidden: true, onclick: () => this.toBottom() }, icon('down'), t('chat.down'));
    this.scroller = h('div', { class: 'scroller', tabIndex: -1, role: 'region', 'aria-label': t('chat.thread') }, this.thread);
    this.composer = composer(this);
    this.element = h('div', { class: 'chat' }, this.scroller, h('div', { class: 'dock' }, this.down, this.composer.element));
    this.stuck = true;
    this.seen = { top: 0, height: 0 };
    this.scroller.addEventListener('scroll', () => this.scrolled());
    new ResizeObserver(() => this.stuck && this.toBottom()).observe(this.thread);
    store.onChange((change) => this.changedElsewhere(change));
    this.conversation = Conversation.create();
    // An answer whose tab was closed shows that only after a while; so look again now and then.
    setInterval(() => this.views.forEach((view) => view.message.status === 'streaming' && view.update(view.message)), 3000);
  }

  /** Shows a stored conversation; a new one for ''. False if there is none of that identifier. */
  async open(id) {
    const conversation = id === '' ? Conversation.create() : (busy.get(id) ?? (await Conversation.load(id)));
    if (!conversation) {
      return false;
    }
    this.conversation = conversation;
    this.views.clear();
    this.thread.replaceChildren();
    this.stuck = true;
    this.render();
    this.composer.refresh();
    this.onOpened(conversation);
    return true;
  }

  /**
   * The thread stays at its end until the reader scrolls up. Messages that change their height move the place too;
   * that the content has not become shorter tells the reader's doing from that.
   */
  scrolled() {
    const { scrollTop: top, scrollHeight: height, clientHeight } = this.scroller;
    if (height - top - clientHeight < 60) {
      this.stuck = true;
    } else if (top < this.seen.top - 2 && height >= this.seen.height) {
      this.stuck = false;
    }
    this.seen = { top, height };
    this.down.hidden = this.stuck;
  }

  toBottom() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  /** Brings the thread up to date with the path; messages that stay keep their elements. */
  render() {
    cancelIdleCallback?.(this.idle);
    const path = this.conversation.path();
    const wanted = new Set(path.map((m) => m.id));
    for (const [id, view] of this.views) {
      if (!wanted.has(id)) {
        view.element.remove();
        this.views.delete(id);
      }
    }
    this.thread.querySelector('.welcome')?.remove();
    if (path.length === 0) {
      this.thread.append(this.welcome());
      return;
    }
    this.fill(path, path.length - 1, SHOWN_AT_ONCE);
  }

  /** Makes what is missing from a place in the path upwards, some at once and the rest when the page has nothing to do. */
  fill(path, from, count) {
    let i = from;
    for (let made = 0; i >= 0 && made < count; i--) {
      const message = path[i];
      let view = this.views.get(message.id);
      if (view) {
        view.update(message);
      } else {
        view = messageView(message, this.actions());
        this.views.set(message.id, view);
        const next = this.views.get(path[i + 1]?.id);
        this.thread.insertBefore(view.element, next?.element ?? null);
        made++;
      }
    }
    if (i >= 0) {
      const later = self.requestIdleCallback ?? ((work) => setTimeout(work, 50));
      this.idle = later(() => this.fill(path, i, SHOWN_PER_PAUSE));
    }
  }

  welcome() {
    const examples = ['welcome.example1', 'welcome.example2', 'welcome.example3'].map((key) =>
      h('button', { type: 'button', class: 'example', onclick: () => this.send(t(key), []) }, t(key)),
    );
    return h('div', { class: 'welcome' }, h('h1', {}, t('welcome.title')), h('p', {}, t('welcome.text')), h('div', { class: 'examples' }, ...examples));
  }

  actions() {
    return (this.messageActions ??= {
      siblings: (message) => {
        const all = this.conversation.children(message.parent);
        return { index: all.findIndex((m) => m.id === message.id), count: all.length };
      },
      branch: (message, step) => this.showSibling(message, step),
      edit: (message, text) => this.ask(message.parent, text, message.attachments ?? []),
      regenerate: (message) => this.answer(message.parent),
      continueAnswer: (message) => this.run(message),
      submitResult: (message, call, text) => this.submitResult(message, call, text),
      isAnswered: (message, call) => this.resultOf(message, call) !== undefined,
    });
  }

  async showSibling(message, step) {
    const all = this.conversation.children(message.parent);
    const next = all[all.findIndex((m) => m.id === message.id) + step];
    await this.conversation.show(next);
    this.stuck = false;
    this.render();
    const view = this.views.get(next.id);
    view.element.scrollIntoView({ block: 'nearest' });
    view.element.querySelector(`.branches button:nth-of-type(${step < 0 ? 1 : 2}):not(:disabled), .branches button:not(:disabled)`)?.focus();
    announce(t('message.branch', { index: all.indexOf(next) + 1, count: all.length }));
  }

  /** Asks below the message shown last. */
  send(text, attachments) {
    return this.ask(this.conversation.meta.leaf, text, attachments);
  }

  async ask(parent, text, attachments) {
    const conversation = this.conversation;
    const isNew = !conversation.stored;
    const question = await conversation.add(parent, { role: 'user', content: text, attachments });
    this.stuck = true;
    if (isNew) {
      this.onOpened(conversation);
    }
    await this.answer(question.id);
  }

  /** Has a further answer made to a message. */
  async answer(parent, round = 0) {
    const conversation = this.conversation;
    const settings = { ...conversation.settings };
    const message = await conversation.add(parent, {
      role: 'assistant',
      status: 'streaming',
      touched: Date.now(),
      model: this.server.describe(settings),
      remoteModel: this.server.remotes.find((r) => r.name === remoteOf(settings))?.model,
      samples: settings.samples,
    });
    await this.run(message, conversation, round);
  }

  /** Lets a message be written, from its beginning or on from where it ended. */
  async run(message, conversation = this.conversation, round = 0) {
    const generation = new Generation(message, conversation.path(message.parent), { ...conversation.settings });
    busy.set(conversation.id, conversation);
    const finished = generation.run();
    if (this.conversation === conversation) {
      this.render();
      this.views.get(message.id).follow(generation);
    }
    this.composer.refresh();
    await finished;
    busy.delete(conversation.id);
    if (this.conversation === conversation) {
      this.views.get(message.id)?.update(message);
      announce(t('announce.' + message.status));
    }
    this.composer.refresh();
    await this.runTools(message, conversation, round);
  }

  /** Runs the tools of the page that an answer calls, and asks on once all calls have their results. */
  async runTools(message, conversation, round) {
    const calls = message.status === 'done' ? (message.calls ?? []) : [];
    let parent = message.id;
    for (const call of calls.filter((c) => isBuiltIn(c.name))) {
      const result = await conversation.add(parent, { role: 'tool', name: call.name, callId: call.id, content: runTool(call.name, call.arguments) });
      parent = result.id;
    }
    if (calls.length > 0 && calls.every((c) => isBuiltIn(c.name)) && round < MOST_TOOL_ROUNDS && this.conversation === conversation) {
      await this.answer(parent, round + 1);
    } else if (this.conversation === conversation && calls.length > 0) {
      this.render();
    }
  }

  /** The result of a call on the path below a message. */
  resultOf(message, call) {
    const path = this.conversation.path();
    const at = path.findIndex((m) => m.id === message.id);
    return path.slice(at + 1).find((m) => m.role === 'tool' && m.callId === call.id);
  }

  async submitResult(message, call, text) {
    const result = await this.conversation.add(this.conversation.meta.leaf, { role: 'tool', name: call.name, callId: call.id, content: text });
    this.views.get(message.id).seldom = '';
    if (message.calls.every((c) => this.resultOf(message, c))) {
      await this.answer(result.id, 1);
    } else {
      this.render();
    }
  }

  /** The generation that the shown path is waiting for, if any. */
  get generation() {
    return this.conversation.path().map(generationOf).find(Boolean);
  }

  stop() {
    this.generation?.stop();
  }

  lastAnswer() {
    return this.conversation.path().findLast((m) => m.role === 'assistant');
  }

  regenerateLast() {
    const last = this.lastAnswer();
    if (last && !this.generation) {
      this.answer(last.parent);
    }
  }

  editLast() {
    const last = this.conversation.path().findLast((m) => m.role === 'user');
    if (last && !this.generation) {
      this.views.get(last.id).edit();
    }
  }

  toggleThoughts() {
    const summary = this.views.get(this.lastAnswer()?.id)?.element.querySelector('.thinking summary');
    summary?.click();
    summary?.focus();
  }

  async copyLast() {
    const last = this.lastAnswer();
    if (last && (await copyText(last.content))) {
      toast(t('message.copied'));
    }
  }

  /** Another tab has changed something. */
  async changedElsewhere({ conversation: id, message, deleted }) {
    if (id !== this.conversation.id) {
      return;
    }
    if (deleted) {
      location.hash = '#/';
    } else if (message && this.conversation.messages.has(message.id)) {
      if (!generationOf(message)) {
        Object.assign(this.conversation.messages.get(message.id), message);
        this.views.get(message.id)?.schedule?.(this.conversation.messages.get(message.id));
      }
    } else {
      await this.reload();
    }
  }

  /** Takes over what another tab stored. Its branch is followed only where it goes on from what is shown here. */
  async reload() {
    const fresh = await Conversation.load(this.conversation.id);
    if (!fresh) {
      return;
    }
    const mine = this.conversation;
    for (const [id, message] of fresh.messages) {
      if (!mine.messages.has(id)) {
        mine.messages.set(id, message);
      }
    }
    const goesOn = fresh.path().some((m) => m.id === mine.meta.leaf);
    Object.assign(mine.meta, { ...fresh.meta, leaf: goesOn ? fresh.meta.leaf : mine.meta.leaf });
    this.render();
    this.composer.refresh();
    this.onOpened(mine);
  }
}
