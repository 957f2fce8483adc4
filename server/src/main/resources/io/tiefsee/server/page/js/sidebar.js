// The list of conversations, with search, and the ways to the other views.
import { Conversation } from './conversation.js';
import { announce, dialog, h, icon, iconButton, toast } from './dom.js';
import { exportAll, exportJson, exportMarkdown, importFiles } from './exporting.js';
import { day, t } from './i18n.js';
import * as store from './store.js';

const VIEWS = [
  ['#/compare', 'columns', 'nav.compare'],
  ['#/monitor', 'gauge', 'nav.monitor'],
  ['#/training', 'curve', 'nav.training'],
];

/** {element, refresh(), select(id, hash), focusSearch()}; actions: {newChat(), renamed(id, title), help(), settings()} */
export function sidebar(actions) {
  let selected = '';
  let query = '';
  let latest = 0;
  const list = h('div', { class: 'conversations' });
  const search = h('input', { type: 'search', placeholder: t('sidebar.search'), 'aria-label': t('sidebar.search') });
  const links = VIEWS.map(([href, drawing, key]) => h('a', { href }, icon(drawing), t(key)));

  async function refresh() {
    // Searches may end in another order than they began; only the last one counts.
    const mine = ++latest;
    const [all, found] = await Promise.all([store.conversations(), query ? store.search(query) : undefined]);
    if (mine !== latest) {
      return;
    }
    const shown = all.filter((c) => !found || found.has(c.id));
    const groups = Map.groupBy(shown, (c) => day(c.updated));
    const focused = document.activeElement?.closest?.('[data-conversation]')?.dataset.conversation;
    list.replaceChildren(
      ...[...groups].map(([name, members]) => h('section', {}, h('h2', {}, name), h('ul', {}, ...members.map(entry)))),
      shown.length === 0 ? h('p', { class: 'quiet' }, t(query ? 'sidebar.nothingFound' : 'sidebar.empty')) : '',
    );
    if (focused) {
      list.querySelector(`[data-conversation="${focused}"] a`)?.focus();
    }
    if (query) {
      announce(t('sidebar.found', { count: shown.length }));
    }
  }

  function entry(c) {
    const title = c.title || t('sidebar.untitled');
    const link = h('a', { href: '#/c/' + c.id, title, 'aria-current': c.id === selected ? 'page' : undefined }, title);
    const menu = iconButton('more', t('sidebar.menu', { title }), () => openMenu(c, title));
    return h('li', { dataset: { conversation: c.id } }, link, menu);
  }

  function openMenu(c, title) {
    const act = (drawing, key, work, danger) =>
      h('button', { type: 'button', class: danger ? 'danger' : '', onclick: (event) => (event.currentTarget.closest('dialog').close(), work()) }, icon(drawing), t(key));
    const content = h(
      'div',
      { class: 'menu' },
      act('edit', 'sidebar.rename', () => rename(c, title)),
      act('download', 'sidebar.exportJson', () => exportJson(c.id)),
      act('download', 'sidebar.exportMarkdown', () => exportMarkdown(c.id)),
      act('trash', 'sidebar.delete', () => remove(c, title), true),
    );
    dialog(title, content, { closeLabel: t('close') });
  }

  async function rename(c, title) {
    const input = h('input', { value: title, 'aria-label': t('sidebar.newName'), maxLength: 200, autofocus: true });
    const form = h('form', { method: 'dialog' }, input, h('div', { class: 'row end' }, h('button', { class: 'primary', value: 'ok' }, t('sidebar.rename'))));
    if ((await dialog(t('sidebar.rename'), form, { closeLabel: t('close') })) === 'ok' && input.value.trim()) {
      const conversation = await Conversation.load(c.id);
      await conversation.rename(input.value.trim());
      actions.renamed(c.id, input.value.trim());
      await refresh();
    }
  }

  async function remove(c, title) {
    const form = h(
      'form',
      { method: 'dialog' },
      h('p', {}, t('sidebar.deleteText', { title })),
      h('div', { class: 'row end' }, h('button', { value: '' }, t('cancel')), h('button', { class: 'danger', value: 'ok' }, t('sidebar.delete'))),
    );
    if ((await dialog(t('sidebar.deleteTitle'), form, { closeLabel: t('close') })) === 'ok') {
      await store.deleteConversation(c.id);
      if (c.id === selected) {
        location.hash = '#/';
      }
      await refresh();
      announce(t('sidebar.deleted'));
    }
  }

  async function bringIn() {
    const { count, bad } = await importFiles();
    await refresh();
    if (count > 0) {
      toast(t('sidebar.imported', { count }));
    }
    bad.forEach((name) => toast(t('sidebar.notImported', { name })));
  }

  search.addEventListener('input', () => {
    query = search.value.trim();
    refresh();
  });
  store.onChange(({ message }) => !message && refresh());

  const element = h(
    'nav',
    { class: 'sidebar', id: 'sidebar', 'aria-label': t('sidebar.label') },
    h('div', { class: 'brand' }, h('a', { href: '#/' }, 'Tiefsee'), iconButton('close', t('sidebar.close'), () => actions.close(), { class: 'icon-button only-narrow' })),
    h('button', { type: 'button', class: 'new', onclick: actions.newChat }, icon('plus'), t('sidebar.new')),
    h('div', { class: 'search' }, icon('search'), search),
    list,
    h('div', { class: 'views' }, ...links),
    h(
      'div',
      { class: 'row' },
      iconButton('download', t('sidebar.exportAll'), () => exportAll()),
      iconButton('upload', t('sidebar.import'), bringIn),
      iconButton('keyboard', t('keys.title'), actions.help),
      h('span', { class: 'stretch' }),
      iconButton('sliders', t('settings.title'), actions.settings),
    ),
  );
  return {
    element,
    refresh,
    focusSearch: () => search.focus(),
    select(id, hash) {
      selected = id;
      links.forEach((link) => (link.getAttribute('href') === hash ? link.setAttribute('aria-current', 'page') : link.removeAttribute('aria-current')));
      list.querySelectorAll('li').forEach((li) =>
        li.dataset.conversation === id ? li.firstChild.setAttribute('aria-current', 'page') : li.firstChild.removeAttribute('aria-current'),
      );
    },
  };
}
