// More compute: how many answers are sampled and voted on, and how long the model may think.
import * as api from './api.js';
import { arenaFigure } from './arena.js';
import { h } from './dom.js';
import { money, t } from './i18n.js';
import { costOf } from './receipt.js';

const SAMPLES = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32];
const BUDGETS = {
  tokens: [32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768],
  seconds: [1, 2, 5, 10, 20, 30, 60, 120, 300, 600],
  cents: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5],
};

/** The place of the value nearest to one in a list. */
const nearest = (list, value) => list.reduce((best, v, i) => (Math.abs(v - value) < Math.abs(list[best] - value) ? i : best), 0);

/** A slider over a list of values with what it says beside it. */
function slider(id, label, list, say, changed) {
  const output = h('output', { for: id });
  const input = h('input', { type: 'range', id, min: 0, max: list.length - 1, step: 1 });
  const show = () => {
    output.textContent = say(list[input.value]);
    input.setAttribute('aria-valuetext', output.textContent);
  };
  input.addEventListener('input', show);
  input.addEventListener('change', () => changed(list[input.value]));
  return {
    element: h('div', { class: 'slider' }, h('label', { for: id }, label), input, output),
    set(value) {
      input.value = nearest(list, value);
      show();
    },
  };
}

/** The choice of a thinking budget for settings: {element, set(settings)}; `changed` gets {budgetKind, budget}. */
export function budgetChoice(prefix, changed) {
  const kind = h(
    'select',
    { id: prefix + '-kind' },
    ...['none', 'tokens', 'seconds', 'cents'].map((k) => h('option', { value: k }, t('budget.' + k))),
  );
  const place = h('div', {});
  let settings;
  function show() {
    kind.value = settings.budgetKind;
    const list = BUDGETS[settings.budgetKind];
    if (!list) {
      place.replaceChildren();
      return;
    }
    const say = (amount) => t('compute.' + settings.budgetKind, { amount });
    const range = slider(prefix + '-budget', t('budget.amount'), list, say, (budget) => changed({ budget }));
    range.set(settings.budget);
    place.replaceChildren(range.element);
  }
  kind.addEventListener('change', () => {
    const list = BUDGETS[kind.value];
    changed({ budgetKind: kind.value, budget: list ? list[Math.floor(list.length / 2) - 1] : settings.budget });
  });
  return {
    element: h('div', {}, h('div', { class: 'slider' }, h('label', { for: prefix + '-kind' }, t('budget.label')), kind), place),
    set(value) {
      settings = value;
      show();
    },
  };
}

/** The panel above the composer: {element, refresh(), focus()}; `changed` is called after each choice. */
export function computePanel(chat, changed) {
  const store = async (changes) => {
    await chat.conversation.changeSettings(changes);
    changed();
  };
  const samples = slider('samples', t('compute.samplesLabel'), SAMPLES, (k) => t('compute.samples', { count: k }), (k) => store({ samples: k }));
  const budget = budgetChoice('compute', store);
  const estimate = h('p', { class: 'quiet' });
  const figure = h('div', {}, h('p', { class: 'quiet' }, t('arena.loading')));
  let asked = false;

  async function loadArena() {
    asked = true;
    try {
      const report = await api.arena();
      figure.replaceChildren(report ? arenaFigure(report) : h('p', { class: 'quiet' }, t('arena.none')));
    } catch (error) {
      asked = false;
      figure.replaceChildren(h('p', { class: 'quiet' }, `${error.message} ${error.hint ?? ''}`));
    }
  }

  const element = h(
    'section',
    { id: 'compute', class: 'compute', 'aria-label': t('compute.title') },
    h('h2', {}, t('compute.title')),
    h('p', { class: 'quiet' }, t('compute.text')),
    samples.element,
    budget.element,
    estimate,
    h('details', { class: 'arena-fold', ontoggle: () => !asked && loadArena() }, h('summary', {}, t('arena.title')), figure),
  );
  return {
    element,
    focus: () => element.querySelector('input').focus(),
    refresh() {
      const settings = chat.conversation.settings;
      samples.set(settings.samples);
      budget.set(settings);
      const last = chat.conversation.path().findLast((m) => costOf(m));
      const cost = last && costOf(last);
      estimate.textContent = cost
        ? t('compute.estimate', { cost: money((cost.total / (last.samples ?? 1)) * settings.samples, cost.currency), count: settings.samples })
        : '';
    },
  };
}
