// The page as a whole: the frame, which view is shown, and what all views share.
import * as api from './api.js';
import { Chat } from './chat.js';
import { dialog, h, iconButton, toast } from './dom.js';
import { t } from './i18n.js';
import { listen, openHelp } from './keys.js';
import { REMOTE, remoteOf } from './request.js';
import { openSettings } from './settings.js';
import { sidebar } from './sidebar.js';

/** What the server offers; refreshed now and then, since models are loaded and unloaded. */
const server = {
  models: [],
  remotes: [],
  defaultModel() {
    return this.models[0]?.id ?? '';
  },
  /** The name that an answer by these settings bears. */
  describe(settings) {
    const remote = this.remotes.find((r) => r.name === remoteOf(settings));
    return remote ? `${remote.name}${remote.model ? ' · ' + remote.model : ''}` : settings.model.startsWith(REMOTE) ? settings.model.slice(REMOTE.length) : settings.model || this.defaultModel();
  },
  async refresh(quiet) {
    this.models = await api.models(quiet);
    this.remotes = await api.remotes(quiet);
  },
};

const narrow = matchMedia('(max-width: 800px)');
const title = h('h1', { class: 'title', id: 'title' });
const content = h('main', { id: 'main', tabIndex: -1 });
const chat = new Chat(server, opened);
const side = sidebar({
  newChat,
  help: openHelp,
  settings: () => openSettings(chat),
  close: () => showSidebar(false),
  renamed: (id, name) => {
    if (id === chat.conversation.id) {
      chat.conversation.meta.title = name;
      chat.conversation.meta.titled = true;
      showTitle();
    }
  },
});
const menu = iconButton('menu', t('sidebar.open'), () => showSidebar(document.body.classList.contains('sidebar-closed')), { 'aria-controls': 'sidebar' });
const veil = h('div', { class: 'veil', onclick: () => showSidebar(false) });
let view;

function showSidebar(open) {
  document.body.classList.toggle('sidebar-closed', !open);
  menu.setAttribute('aria-expanded', String(open));
  if (open && narrow.matches) {
    side.element.querySelector('button').focus();
  }
}

function newChat() {
  // Not by way of the hashchange event: what is typed next belongs to the new conversation already.
  history.pushState(null, '', '#/');
  route();
}

function showTitle() {
  title.textContent = view === chat ? chat.conversation.meta.title || t('sidebar.new') : t('nav.' + view.name);
  document.title = `${title.textContent} – Tiefsee`;
}

/** The chat shows a conversation; a new one gets its address when it is first stored. */
function opened(conversation) {
  const hash = conversation.stored ? '#/c/' + conversation.id : '#/';
  if (view === chat && location.hash !== hash) {
    history.replaceState(null, '', hash);
  }
  side.select(conversation.id, hash);
  side.refresh();
  if (view === chat) {
    showTitle();
  }
}

/** Shows what the address says: #/, #/c/ID, #/compare, #/monitor, #/training. */
async function route() {
  const [, name = '', id = ''] = location.hash.split('/');
  if (narrow.matches) {
    showSidebar(false);
  }
  const other = ['compare', 'monitor', 'training'].includes(name);
  if (view && view !== chat) {
    view.close();
  }
  if (other) {
    const module = await import(`./${name}.js`);
    view = module.create(server, chat);
    view.name = name;
    side.select('', location.hash);
  } else {
    view = chat;
  }
  content.replaceChildren(view.element);
  if (view === chat) {
    const wanted = name === 'c' ? id : '';
    if (wanted !== chat.conversation.id || !wanted) {
      if (!(await chat.open(wanted))) {
        toast(t('chat.gone'));
        location.hash = '#/';
        return;
      }
    }
    opened(chat.conversation);
    if (!narrow.matches) {
      chat.composer.focus();
    }
  }
  showTitle();
}

/** Asks for a key, once for all requests that want one at the same time. */
let asking;
function askForKey() {
  asking ??= (async () => {
    const input = h('input', { type: 'password', id: 'key', autocomplete: 'off', autofocus: true, required: true });
    const form = h(
      'form',
      { method: 'dialog' },
      h('p', {}, t(api.apiKey() ? 'key.wrong' : 'key.text')),
      h('label', { for: 'key' }, t('settings.key')),
      input,
      h('div', { class: 'row end' }, h('button', { class: 'primary', value: 'ok' }, t('key.use'))),
    );
    const answer = await dialog(t('key.title'), form, { closeLabel: t('close') });
    if (answer === 'ok') {
      api.setApiKey(input.value.trim());
      setTimeout(() => refreshServer(true));
    }
    return answer === 'ok';
  })().finally(() => (asking = undefined));
  return asking;
}

/** A bar at the top while the server does not answer. */
const offline = h('div', { class: 'offline', role: 'status' });
async function refreshServer(quiet) {
  try {
    await server.refresh(quiet);
    offline.textContent = '';
    chat.composer.refresh();
  } catch (error) {
    offline.textContent = error.kind === 'offline' ? t('state.offline') : `${error.message} ${error.hint ?? ''}`;
  }
}

api.onKeyWanted(askForKey);
document.getElementById('app').replaceChildren(
  h('a', { class: 'skip', href: '#main', onclick: (event) => (event.preventDefault(), content.focus()) }, t('skip')),
  side.element,
  veil,
  h('div', { class: 'page' }, h('header', { class: 'bar' }, menu, title), offline, content),
);
showSidebar(!narrow.matches);
narrow.addEventListener('change', () => showSidebar(!narrow.matches));
const onChat = (work) => () => view === chat && work();
listen({
  stop: () => (narrow.matches && !document.body.classList.contains('sidebar-closed') ? showSidebar(false) : view === chat ? chat.stop() : view.stop?.()),
  compose: () => (view === chat ? chat.composer.focus() : view.focus?.()),
  newChat,
  search: () => (showSidebar(true), side.focusSearch()),
  regenerate: onChat(() => chat.regenerateLast()),
  edit: onChat(() => chat.editLast()),
  thoughts: onChat(() => chat.toggleThoughts()),
  copy: onChat(() => chat.copyLast()),
  compute: onChat(() => chat.composer.openCompute()),
  settings: () => openSettings(chat),
  help: openHelp,
});
addEventListener('hashchange', route);
await route();
await refreshServer(false);
setInterval(() => document.hidden || refreshServer(true), 15000);
