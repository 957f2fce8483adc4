// The sheet of settings: those of the conversation, then those of the page.
import { apiKey, setApiKey } from './api.js';
import { budgetChoice } from './compute.js';
import { modelOptions } from './composer.js';
import { dialog, h } from './dom.js';
import { chooseLanguage, languages, t } from './i18n.js';

// name, lowest, highest, step
const NUMBERS = [
  ['temperature', 0, 2, 0.05],
  ['top_p', 0, 1, 0.01],
  ['top_k', 0, 1000, 1],
  ['min_p', 0, 1, 0.01],
  ['repetition_penalty', 0.5, 2, 0.05],
  ['presence_penalty', -2, 2, 0.1],
  ['frequency_penalty', -2, 2, 0.1],
  ['max_tokens', 1, 1000000, 1],
  ['seed', 0, 2147483647, 1],
];

function field(id, label, input, help) {
  input.id = id;
  if (help) {
    input.setAttribute('aria-describedby', id + '-help');
  }
  return h('div', { class: 'field' }, h('label', { for: id }, label), input, help && h('p', { class: 'quiet', id: id + '-help' }, help));
}

/** A text area of JSON that says at once when it is none. */
function jsonField(id, label, value, help, changed) {
  const problem = h('p', { class: 'problem', role: 'alert' });
  const area = h('textarea', { rows: 5, value, spellcheck: false, class: 'mono' });
  area.addEventListener('change', () => {
    try {
      if (area.value.trim()) {
        JSON.parse(area.value);
      }
      problem.textContent = '';
      area.removeAttribute('aria-invalid');
      changed(area.value);
    } catch (error) {
      problem.textContent = t('error.json', { message: error.message });
      area.setAttribute('aria-invalid', 'true');
    }
  });
  const whole = field(id, label, area, help);
  whole.append(problem);
  return whole;
}

function check(id, label, checked, changed) {
  const input = h('input', { type: 'checkbox', id, checked, onchange: () => changed(input.checked) });
  return h('div', { class: 'check' }, input, h('label', { for: id }, label));
}

/** Opens the sheet; resolves when it is closed. */
export function openSettings(chat) {
  const { conversation, server } = chat;
  const settings = conversation.settings;
  const set = (name) => (value) => conversation.changeSettings({ [name]: value });

  const model = h('select', { onchange: () => set('model')(model.value).then(showNumbers) }, ...modelOptions(server));
  model.value = settings.model || server.defaultModel();
  const system = h('textarea', { rows: 4, value: settings.system, onchange: () => set('system')(system.value) });
  const stop = h('textarea', { rows: 2, value: settings.stop, class: 'mono', onchange: () => set('stop')(stop.value) });
  const budget = budgetChoice('settings', async (changes) => {
    await conversation.changeSettings(changes);
    budget.set(settings);
  });
  budget.set(settings);

  const numbers = h('div', { class: 'numbers' });
  function showNumbers() {
    const defaults = server.models.find((m) => m.id === model.value)?.defaults ?? {};
    numbers.replaceChildren(
      ...NUMBERS.map(([name, min, max, step]) => {
        const byModel = defaults[name];
        const placeholder = byModel === undefined ? t('settings.default') : t('settings.byModel', { value: byModel });
        const input = h('input', { type: 'number', min, max, step, placeholder, value: settings[name] ?? '' });
        input.addEventListener('change', () => {
          if (input.reportValidity()) {
            set(name)(input.value === '' ? null : Number(input.value));
          }
        });
        return field('number-' + name, t('settings.' + name), input);
      }),
    );
  }
  showNumbers();

  const content = h(
    'div',
    { class: 'settings' },
    h('h3', {}, t('settings.conversation')),
    field('settings-model', t('composer.model'), model),
    field('settings-system', t('settings.system'), system, t('settings.systemHelp')),
    check('settings-thinking', t('settings.thinking'), settings.thinking, set('thinking')),
    budget.element,
    h('h3', {}, t('settings.sampling')),
    h('p', { class: 'quiet' }, t('settings.samplingHelp')),
    numbers,
    field('settings-stop', t('settings.stop'), stop, t('settings.stopHelp')),
    h('h3', {}, t('settings.output')),
    jsonField('settings-schema', t('settings.schema'), settings.schema, t('settings.schemaHelp'), set('schema')),
    h('h3', {}, t('settings.tools')),
    check('settings-builtin', t('settings.builtInTools'), settings.builtInTools, set('builtInTools')),
    jsonField('settings-tools', t('settings.ownTools'), settings.tools, t('settings.ownToolsHelp'), set('tools')),
    h('h3', {}, t('settings.page')),
    themeChoice(),
    languageChoice(),
    keyField(),
  );
  return dialog(t('settings.title'), content, { side: true, closeLabel: t('close') }).then(() => chat.composer.refresh());
}

function themeChoice() {
  const select = h('select', {}, ...['system', 'light', 'dark'].map((k) => h('option', { value: k }, t('theme.' + k))));
  select.value = localStorage.getItem('tiefsee.theme') ?? 'system';
  select.addEventListener('change', () => {
    localStorage.setItem('tiefsee.theme', select.value);
    if (select.value === 'system') {
      delete document.documentElement.dataset.theme;
    } else {
      document.documentElement.dataset.theme = select.value;
    }
    dispatchEvent(new Event('themechange'));
  });
  return field('settings-theme', t('settings.theme'), select);
}

function languageChoice() {
  const options = [h('option', { value: '' }, t('theme.system')), ...Object.entries(languages).map(([code, name]) => h('option', { value: code, lang: code }, name))];
  const select = h('select', { onchange: () => chooseLanguage(select.value) }, ...options);
  select.value = localStorage.getItem('tiefsee.language') ?? '';
  return field('settings-language', t('settings.language'), select);
}

function keyField() {
  const input = h('input', { type: 'password', autocomplete: 'off', value: apiKey(), onchange: () => setApiKey(input.value.trim()) });
  return field('settings-key', t('settings.key'), input, t('settings.keyHelp'));
}
