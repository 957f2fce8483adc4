// Side by side: one question to two or three models, budgets or endpoints elsewhere; answers, time and price.
import { budgetChoice } from './compute.js';
import { modelOptions } from './composer.js';
import { Conversation, DEFAULT_SETTINGS, lastSettings } from './conversation.js';
import { announce, h, icon, iconButton, newId } from './dom.js';
import { Generation } from './generation.js';
import { duration, money, short, t, whole } from './i18n.js';
import { messageView } from './message.js';
import { costOf, speedOf, tokensOf } from './receipt.js';
import { remoteOf } from './request.js';
import * as store from './store.js';

const STORED = 'comparison';
const SAMPLES = [1, 2, 4, 8, 16];

/** The comparison outlives its view: answers go on while another view is shown. */
let comparison;

class Lane {
  constructor(settings, answer) {
    this.id = newId();
    this.settings = { ...DEFAULT_SETTINGS, ...settings };
    this.answer = answer;
  }
}

class Comparison {
  constructor(server) {
    this.server = server;
    this.question = '';
    this.lanes = [];
  }

  static async load(server) {
    const made = new Comparison(server);
    const stored = await store.value(STORED);
    made.question = stored?.question ?? '';
    made.lanes = (stored?.lanes ?? []).map((lane) => new Lane(lane.settings, lane.answer));
    while (made.lanes.length < 2) {
      made.add();
    }
    return made;
  }

  add() {
    const base = { ...lastSettings(), model: '', tools: '', builtInTools: false };
    const other = this.server.models[this.lanes.length]?.id;
    // With one model only, the lanes differ by what they may think.
    const differing = other || this.lanes.length === 0 ? { model: other ?? '' } : { budgetKind: 'tokens', budget: 64 };
    this.lanes.push(new Lane({ ...base, samples: 1, budgetKind: 'none', ...differing }));
  }

  save() {
    return store.putValue(STORED, { question: this.question, lanes: this.lanes.map(({ settings, answer }) => ({ settings, answer })) });
  }

  /** Asks one lane; resolves when its answer is complete. */
  async ask(lane, again = false) {
    const path = [{ id: 'question', role: 'user', content: this.question, parent: null }];
    if (!again) {
      lane.answer = {
        id: newId(),
        conversation: STORED,
        parent: 'question',
        role: 'assistant',
        content: '',
        thinking: '',
        status: 'streaming',
        touched: Date.now(),
        created: Date.now(),
        model: this.server.describe(lane.settings),
        remoteModel: this.server.remotes.find((r) => r.name === remoteOf(lane.settings))?.model,
        samples: lane.settings.samples,
      };
    }
    lane.generation = new Generation(lane.answer, path, lane.settings);
    const finished = lane.generation.run();
    this.changed?.();
    await finished;
    lane.generation = undefined;
    await this.save();
    this.changed?.();
  }

  async askAll(question) {
    this.question = question;
    await Promise.all(this.lanes.map((lane) => this.ask(lane)));
    announce(t('announce.done'));
  }

  stop() {
    this.lanes.forEach((lane) => lane.generation?.stop());
  }

  get busy() {
    return this.lanes.some((lane) => lane.generation);
  }
}

export function create(server) {
  const view = new CompareView();
  view.ready = (async () => {
    comparison ??= await Comparison.load(server);
    view.show(comparison, server);
  })();
  return view;
}

class CompareView {
  constructor() {
    this.area = h('textarea', { rows: 2, 'aria-label': t('compare.question'), placeholder: t('compare.placeholder') });
    this.button = h('button', { type: 'submit', class: 'primary' });
    this.columns = h('div', { class: 'lanes' });
    this.addButton = h('button', { type: 'button', onclick: () => this.addLane() }, icon('plus'), t('compare.add'));
    this.summary = h('div', {});
    this.element = h(
      'div',
      { class: 'view compare', tabIndex: 0 },
      h('p', { class: 'quiet' }, t('compare.text')),
      h('form', { class: 'compare-form', onsubmit: (event) => (event.preventDefault(), this.submit()) }, this.area, h('div', { class: 'row end' }, this.addButton, this.button)),
      this.summary,
      this.columns,
    );
    this.area.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        this.submit();
      }
    });
  }

  show(shown, server) {
    this.comparison = shown;
    this.server = server;
    // Whoever types faster than the store answers keeps what is typed.
    this.area.value ||= shown.question;
    shown.changed = () => this.refresh();
    this.build();
  }

  focus() {
    this.area.focus();
  }

  stop() {
    this.comparison?.stop();
  }

  close() {
    if (this.comparison) {
      this.comparison.changed = undefined;
    }
  }

  async submit() {
    await this.ready;
    if (this.comparison.busy) {
      this.comparison.stop();
    } else if (this.area.value.trim()) {
      this.comparison.askAll(this.area.value);
    }
  }

  async addLane() {
    await this.ready;
    this.comparison.add();
    this.comparison.save();
    this.build();
  }

  /** Makes the columns anew; afterwards refresh() only fills them. */
  build() {
    const { lanes } = this.comparison;
    this.views = new Map();
    this.columns.style.setProperty('--lanes', lanes.length);
    this.addButton.hidden = lanes.length >= 3;
    this.columns.replaceChildren(...lanes.map((lane, i) => this.column(lane, i)));
    this.refresh();
  }

  column(lane, i) {
    const change = (changes) => {
      Object.assign(lane.settings, changes);
      this.comparison.save();
    };
    const model = h('select', { 'aria-label': t('composer.model'), onchange: () => change({ model: model.value }) }, ...modelOptions(this.server));
    model.value = lane.settings.model || this.server.defaultModel();
    const samples = h('select', { id: `samples-${lane.id}`, onchange: () => change({ samples: Number(samples.value) }) }, ...SAMPLES.map((k) => h('option', { value: k }, t('compute.samples', { count: k }))));
    samples.value = lane.settings.samples;
    const budget = budgetChoice('lane-' + lane.id, (changes) => {
      change(changes);
      budget.set(lane.settings);
    });
    budget.set(lane.settings);
    const remove = () => {
      lane.generation?.stop();
      this.comparison.lanes.splice(i, 1);
      this.comparison.save();
      this.build();
    };
    const place = h('div', { class: 'lane-answer' });
    this.views.set(lane, { place });
    return h(
      'section',
      { class: 'lane', 'aria-label': t('compare.lane', { number: i + 1 }) },
      h(
        'div',
        { class: 'lane-head' },
        h('div', { class: 'row' }, model, this.comparison.lanes.length > 2 && iconButton('close', t('compare.remove', { number: i + 1 }), remove)),
        h('div', { class: 'slider' }, h('label', { for: samples.id }, t('compute.samplesLabel')), samples),
        budget.element,
      ),
      place,
    );
  }

  refresh() {
    const { busy, lanes } = this.comparison;
    this.button.replaceChildren(icon(busy ? 'stop' : 'send'), t(busy ? 'composer.stop' : 'compare.ask'));
    for (const lane of lanes) {
      const slot = this.views.get(lane);
      if (!lane.answer || !slot) {
        continue;
      }
      if (slot.message !== lane.answer) {
        slot.message = lane.answer;
        slot.view = messageView(lane.answer, this.actions(lane));
        slot.place.replaceChildren(slot.view.element, h('div', { class: 'row' }, h('button', { type: 'button', onclick: () => this.toChat(lane) }, icon('chat'), t('compare.toChat'))));
      }
      if (lane.generation) {
        slot.view.follow(lane.generation);
      }
      slot.view.update(lane.answer);
    }
    this.summary.replaceChildren(lanes.every((lane) => lane.answer && lane.answer.status !== 'streaming') ? this.table() : '');
  }

  actions(lane) {
    return {
      siblings: () => ({ index: 0, count: 1 }),
      regenerate: () => this.comparison.ask(lane),
      continueAnswer: () => this.comparison.ask(lane, true),
      isAnswered: () => true,
    };
  }

  /** Time, tokens and price of the lanes next to each other. */
  table() {
    const { lanes } = this.comparison;
    const cell = (lane, say) => h('td', {}, say(lane.answer));
    const row = (key, say) => h('tr', {}, h('th', { scope: 'row' }, t(key)), ...lanes.map((lane) => cell(lane, say)));
    return h(
      'div',
      { class: 'table-box', tabIndex: 0, role: 'region', 'aria-label': t('compare.summary') },
      h(
        'table',
        { class: 'summary' },
        h('thead', {}, h('tr', {}, h('td', {}), ...lanes.map((lane) => h('th', { scope: 'col' }, this.server.describe(lane.settings))))),
        h(
          'tbody',
          {},
          row('receipt.time', (a) => duration(a.receipt?.seconds.total ?? a.seconds ?? 0)),
          row('receipt.thinking', (a) => whole(tokensOf(a).thinking)),
          row('receipt.answer', (a) => whole(tokensOf(a).answer)),
          row('compare.speed', (a) => (speedOf(a) > 0 ? short(speedOf(a)) : '–')),
          row('receipt.cost', (a) => (costOf(a) ? money(costOf(a).total, costOf(a).currency) : '–')),
        ),
      ),
    );
  }

  /** Goes on with one lane's answer as an ordinary conversation. */
  async toChat(lane) {
    const conversation = Conversation.create();
    Object.assign(conversation.settings, lane.settings);
    const question = await conversation.add(null, { role: 'user', content: this.comparison.question });
    const answer = { ...lane.answer };
    delete answer.id;
    await conversation.add(question.id, { ...answer, conversation: conversation.id, parent: question.id, created: Date.now() });
    location.hash = '#/c/' + conversation.id;
  }
}
