// Where questions are written, and the choices that matter for the next one.
import { computePanel } from './compute.js';
import { chooseFiles, h, iconButton, icon, toast } from './dom.js';
import { bytes, t } from './i18n.js';

const LARGEST_FILE = 2_000_000;

/** The composer of a chat: {element, focus(), refresh(), openCompute()}. */
export function composer(chat) {
  let files = [];
  const chips = h('ul', { class: 'chips', 'aria-label': t('composer.files') });
  const area = h('textarea', { id: 'question', rows: 1, placeholder: t('composer.placeholder'), 'aria-label': t('composer.label'), enterKeyHint: 'send' });
  const model = h('select', { class: 'model', 'aria-label': t('composer.model') });
  const thinking = h(
    'button',
    { type: 'button', class: 'chip', 'aria-pressed': 'true', 'aria-label': t('composer.thinking') },
    icon('bulb'),
    h('span', { class: 'chip-label' }, t('composer.thinking')),
  );
  const compute = h('button', { type: 'button', class: 'chip', 'aria-expanded': 'false', 'aria-controls': 'compute' }, icon('gauge'), h('span', {}));
  const send = h('button', { type: 'submit', class: 'send' });
  const panel = computePanel(chat, () => refresh());
  panel.element.hidden = true;

  function grow() {
    area.style.height = 'auto';
    area.style.height = `${Math.min(area.scrollHeight, 240)}px`;
  }

  function showFiles() {
    chips.replaceChildren(
      ...files.map((file, i) =>
        h('li', {}, icon('clip'), h('span', {}, file.name), iconButton('close', t('composer.removeFile', { name: file.name }), () => {
          files.splice(i, 1);
          showFiles();
          area.focus();
        })),
      ),
    );
    chips.hidden = files.length === 0;
  }

  async function attach(list) {
    for (const file of list) {
      const text = file.size <= LARGEST_FILE ? await readText(file) : undefined;
      if (text === undefined) {
        toast(file.size > LARGEST_FILE ? t('composer.tooLarge', { name: file.name, size: bytes(LARGEST_FILE) }) : t('composer.notText', { name: file.name }));
      } else {
        files.push({ name: file.name, text });
      }
    }
    showFiles();
    area.focus();
  }

  function submit() {
    if (chat.generation) {
      chat.stop();
    } else if (area.value.trim() || files.length > 0) {
      const text = area.value;
      const attached = files;
      area.value = '';
      files = [];
      showFiles();
      grow();
      chat.send(text, attached);
    }
  }

  function refresh() {
    const settings = chat.conversation.settings;
    const answering = Boolean(chat.generation);
    send.replaceChildren(icon(answering ? 'stop' : 'send'));
    send.setAttribute('aria-label', t(answering ? 'composer.stop' : 'composer.send'));
    send.title = send.getAttribute('aria-label');
    send.classList.toggle('stopping', answering);
    model.replaceChildren(...modelOptions(chat.server));
    model.value = settings.model || chat.server.defaultModel();
    thinking.setAttribute('aria-pressed', String(settings.thinking));
    compute.lastChild.textContent = computeLabel(settings);
    panel.refresh();
  }

  function toggleCompute(open = panel.element.hidden) {
    panel.element.hidden = !open;
    compute.setAttribute('aria-expanded', String(open));
    if (open) {
      panel.refresh();
      panel.focus();
    }
  }

  area.addEventListener('input', grow);
  area.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      if (!chat.generation) {
        submit();
      }
    }
  });
  area.addEventListener('paste', (event) => event.clipboardData.files.length > 0 && (event.preventDefault(), attach([...event.clipboardData.files])));
  model.addEventListener('change', async () => {
    await chat.conversation.changeSettings({ model: model.value });
    refresh();
  });
  thinking.addEventListener('click', async () => {
    await chat.conversation.changeSettings({ thinking: !chat.conversation.settings.thinking });
    refresh();
  });
  compute.addEventListener('click', () => toggleCompute());
  panel.element.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') {
      event.stopPropagation();
      toggleCompute(false);
      compute.focus();
    }
  });

  const form = h(
    'form',
    { class: 'composer', onsubmit: (event) => (event.preventDefault(), submit()) },
    chips,
    area,
    h(
      'div',
      { class: 'tools' },
      iconButton('clip', t('composer.attach'), async () => attach(await chooseFiles('', true))),
      thinking,
      compute,
      h('span', { class: 'stretch' }),
      model,
      send,
    ),
  );
  form.addEventListener('dragover', (event) => event.preventDefault());
  form.addEventListener('drop', (event) => {
    event.preventDefault();
    attach([...event.dataTransfer.files]);
  });
  showFiles();
  return {
    element: h('div', { class: 'composer-box' }, panel.element, form, h('p', { class: 'small-print' }, t('composer.note'))),
    focus: () => area.focus(),
    refresh,
    openCompute: () => toggleCompute(),
  };
}

/** The text of a file, or undefined if it is none. */
async function readText(file) {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(await file.arrayBuffer());
    return text.includes('\0') ? undefined : text;
  } catch {
    return undefined;
  }
}

/** Options of all models, with their state and memory, and of the endpoints elsewhere. */
export function modelOptions(server) {
  const own = server.models.map((m) => {
    const details = [t('model.' + m.state), m.memory > 0 && bytes(m.memory)].filter(Boolean).join(', ');
    return h('option', { value: m.id }, `${m.id} (${details})`);
  });
  if (server.remotes.length === 0) {
    return own;
  }
  const remote = server.remotes.map((r) => h('option', { value: 'remote:' + r.name }, r.model ? `${r.name}: ${r.model}` : r.name));
  return [h('optgroup', { label: t('model.here') }, ...own), h('optgroup', { label: t('model.elsewhere') }, ...remote)];
}

/** "1 × · 512 tokens of thought" */
function computeLabel(settings) {
  const parts = [t('compute.samples', { count: settings.samples })];
  if (settings.thinking && settings.budgetKind !== 'none') {
    parts.push(t('compute.' + settings.budgetKind, { amount: settings.budget }));
  }
  return parts.join(' · ');
}
