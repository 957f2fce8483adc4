// What the server does now: slots, queue, cache, speed, watts and money, per model; asked each second while it is seen.
import * as api from './api.js';
import { Chart } from './chart.js';
import { h, icon } from './dom.js';
import { bytes, duration, money, percent, short, t, whole } from './i18n.js';

const KEPT = 300; // seconds

export function create() {
  return new MonitorView();
}

class MonitorView {
  constructor() {
    this.tiles = h('dl', { class: 'tiles' });
    this.models = h('div', { class: 'cards' });
    this.problem = h('div', { role: 'status' });
    this.speed = new Chart(t('monitor.speed'), [t('monitor.generation'), t('monitor.prompt')], { time: true });
    this.load = new Chart(t('monitor.load'), [t('monitor.running'), t('monitor.waiting')], { time: true });
    this.power = new Chart(t('monitor.power'), [t('monitor.watts')], { time: true });
    this.charts = [this.speed, this.load, this.power];
    this.history = [];
    this.element = h(
      'div',
      { class: 'view monitor', tabIndex: 0 },
      this.problem,
      this.tiles,
      h('div', { class: 'charts' }, ...this.charts.map((c) => c.element)),
      h('h2', {}, t('monitor.models')),
      this.models,
    );
    this.abort = new AbortController();
    this.poll();
  }

  close() {
    this.abort.abort();
    this.charts.forEach((c) => c.close());
  }

  async poll() {
    while (!this.abort.signal.aborted) {
      if (!document.hidden) {
        try {
          this.show(await api.status(this.abort.signal));
          this.problem.replaceChildren();
        } catch (error) {
          if (error.name !== 'AbortError') {
            this.problem.replaceChildren(h('div', { class: 'error' }, icon('warning'), h('p', {}, h('strong', {}, error.message), ' ', error.hint ?? '')));
          }
        }
      }
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }

  show(status) {
    const sum = (get) => status.models.reduce((total, m) => total + (get(m) ?? 0), 0);
    const now = {
      time: Date.now() / 1000,
      generation: sum((m) => m.tokens_per_second?.generation),
      prompt: sum((m) => m.tokens_per_second?.prompt),
      running: sum((m) => m.running),
      waiting: sum((m) => m.waiting),
      watts: status.watts ?? null,
    };
    this.history.push(now);
    this.history = this.history.filter((point) => point.time > now.time - KEPT);
    const column = (name) => this.history.map((point) => point[name]);
    this.speed.set([column('time'), column('generation'), column('prompt')]);
    this.load.set([column('time'), column('running'), column('waiting')]);
    this.power.set([column('time'), column('watts')]);
    this.showTiles(status, now, sum);
    this.models.replaceChildren(...status.models.map((m) => this.card(m, status.currency)));
  }

  showTiles(status, now, sum) {
    const hits = sum((m) => m.cache?.hit_tokens);
    const asked = hits + sum((m) => m.cache?.miss_tokens);
    const tiles = [
      [t('monitor.generation'), short(now.generation), t('monitor.perSecond')],
      [t('monitor.answers'), `${whole(now.running)} / ${whole(sum((m) => m.slots))}`],
      [t('monitor.queue'), whole(now.waiting)],
      [t('monitor.cacheHits'), asked > 0 ? percent(hits / asked) : '–'],
      [t('monitor.watts'), status.watts === undefined ? '–' : `${short(status.watts)} W`, status.energy_method && t('method.' + status.energy_method)],
      [t('monitor.costToday'), status.cost_today === undefined ? '–' : money(status.cost_today, status.currency)],
      [t('monitor.uptime'), duration(status.uptime_seconds), status.version],
    ];
    this.tiles.replaceChildren(
      ...tiles.map(([name, value, note]) => h('div', { class: 'tile' }, h('dt', {}, name), h('dd', {}, value, note && h('small', {}, note)))),
    );
  }

  card(m, currency) {
    const share = (name, used, total) => {
      const label = `${name}: ${whole(used)} / ${whole(total)}`;
      return h('label', {}, h('span', {}, label), h('progress', { max: total || 1, value: used, 'aria-label': label }));
    };
    const pages = m.kv_pages ?? { total: 0, free: 0 };
    const rows = [
      [t('monitor.memory'), m.memory_bytes ? bytes(m.memory_bytes) : '–'],
      [t('monitor.context'), whole(m.context_length ?? 0)],
      [t('monitor.requests'), whole(m.requests ?? 0)],
      [t('monitor.speed'), `${short(m.tokens_per_second?.generation ?? 0)} · ${t('monitor.prompt')} ${short(m.tokens_per_second?.prompt ?? 0)}`],
      [t('monitor.cache'), t('monitor.cacheText', { hit: whole(m.cache?.hit_tokens ?? 0), miss: whole(m.cache?.miss_tokens ?? 0), disk: bytes(m.cache?.disk_bytes ?? 0) })],
      [t('monitor.costToday'), m.cost_today === undefined ? '–' : money(m.cost_today, currency)],
    ];
    return h(
      'section',
      { class: 'card', 'aria-label': m.id },
      h('h3', {}, m.id, ' ', h('span', { class: 'badge ' + m.state }, t('model.' + m.state))),
      share(t('monitor.slots'), m.running ?? 0, m.slots ?? 0),
      share(t('monitor.pages'), pages.total - pages.free, pages.total),
      h('p', {}, t('monitor.waitingText', { count: whole(m.waiting ?? 0) })),
      h('dl', { class: 'facts' }, ...rows.map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value)))),
    );
  }
}
