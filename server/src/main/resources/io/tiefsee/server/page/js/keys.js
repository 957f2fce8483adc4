// Keyboard shortcuts, and the dialog that lists them.
import { dialog, h } from './dom.js';
import { t } from './i18n.js';

const MAC = /Mac|iPhone|iPad/.test(navigator.platform);
const ALT = MAC ? '⌥' : 'Alt+';

/** Shortcuts in the order in which they are listed: [keys as shown, event test, name of the action]. */
const SHORTCUTS = [
  [['Enter'], undefined, 'send'],
  [['Shift+Enter'], undefined, 'newline'],
  [['Esc'], (e) => e.key === 'Escape', 'stop'],
  [['/'], (e) => e.key === '/' && !typing(e), 'compose'],
  [[ALT + 'N'], (e) => alt(e, 'KeyN'), 'newChat'],
  [[ALT + 'K'], (e) => alt(e, 'KeyK'), 'search'],
  [[ALT + 'R'], (e) => alt(e, 'KeyR'), 'regenerate'],
  [[ALT + 'E'], (e) => alt(e, 'KeyE'), 'edit'],
  [[ALT + 'T'], (e) => alt(e, 'KeyT'), 'thoughts'],
  [[ALT + 'C'], (e) => alt(e, 'KeyC'), 'copy'],
  [[ALT + 'M'], (e) => alt(e, 'KeyM'), 'compute'],
  [[ALT + 'S'], (e) => alt(e, 'KeyS'), 'settings'],
  [[ALT + '1', ALT + '2', ALT + '3', ALT + '4'], undefined, 'views'],
  [['?'], (e) => e.key === '?' && !typing(e), 'help'],
];
const VIEWS = ['#/', '#/compare', '#/monitor', '#/training'];

const alt = (event, code) => event.altKey && !event.ctrlKey && !event.metaKey && event.code === code;

function typing(event) {
  const target = event.target;
  return target instanceof HTMLElement && (target.matches('textarea, select') || (target.matches('input') && !['range', 'checkbox'].includes(target.type)));
}

/** Runs actions[name]() for a shortcut; not while a dialog is open. */
export function listen(actions) {
  addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.isComposing || document.querySelector('dialog[open]')) {
      return;
    }
    const digit = /^Digit([1-4])$/.exec(event.code);
    if (digit && alt(event, event.code)) {
      event.preventDefault();
      location.hash = VIEWS[digit[1] - 1];
      return;
    }
    const found = SHORTCUTS.find(([, test]) => test?.(event));
    if (found && actions[found[2]]) {
      event.preventDefault();
      actions[found[2]]();
    }
  });
}

export function openHelp() {
  const rows = SHORTCUTS.map(([keys, , name]) => h('div', {}, h('dt', {}, ...keys.map((k) => h('kbd', {}, k))), h('dd', {}, t('keys.' + name))));
  return dialog(t('keys.title'), h('dl', { class: 'keys' }, ...rows), { closeLabel: t('close') });
}
