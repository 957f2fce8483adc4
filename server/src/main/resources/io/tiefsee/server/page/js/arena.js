// Accuracy against cost of the last arena, as a drawing and as a table.
import { h, svg } from './dom.js';
import { money, percent, t } from './i18n.js';

const WIDTH = 640;
const HEIGHT = 320;
const LEFT = 52;
const RIGHT = 24;
const TOP = 16;
const BOTTOM = 44;

/** The place of a value on a logarithmic axis of the points' costs. */
function costAxis(points) {
  const costs = points.map((p) => Math.log10(p.cost_per_answer));
  const low = Math.min(...costs) - 0.15;
  const high = Math.max(...costs) + 0.15;
  const x = (cost) => LEFT + ((Math.log10(cost) - low) / (high - low)) * (WIDTH - LEFT - RIGHT);
  const ticks = [];
  const every = high - low > 6 ? 2 : 1;
  for (let power = Math.ceil(low); power <= high; power += every) {
    ticks.push(10 ** power);
  }
  return { x, ticks: ticks.length > 1 ? ticks : [10 ** low, 10 ** high] };
}

const y = (accuracy) => TOP + (1 - accuracy) * (HEIGHT - TOP - BOTTOM);

/** report: {title, currency, points: [{contestant, budget, k, accuracy, low, high, cost_per_answer, pareto}]} */
export function arenaFigure(report) {
  const points = report.points.filter((p) => p.cost_per_answer > 0);
  if (points.length === 0) {
    return h('p', { class: 'quiet' }, t('arena.none'));
  }
  const names = [...new Set(points.map((p) => p.contestant))];
  return h(
    'figure',
    { class: 'arena' },
    drawing(points, names, report.currency),
    h('ul', { class: 'legend' }, ...names.map((name, i) => h('li', { class: `series-${i % 6}` }, name))),
    h('figcaption', {}, report.title),
    h('details', {}, h('summary', {}, t('arena.table')), table(points, report.currency)),
  );
}

function drawing(points, names, currency) {
  const { x, ticks } = costAxis(points);
  const picture = svg('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img', 'aria-label': t('arena.alt', { count: points.length }) });
  for (const share of [0, 0.25, 0.5, 0.75, 1]) {
    picture.append(
      svg('line', { x1: LEFT, x2: WIDTH - RIGHT, y1: y(share), y2: y(share), class: 'grid' }),
      svg('text', { x: LEFT - 8, y: y(share) + 4, 'text-anchor': 'end' }, percent(share)),
    );
  }
  for (const cost of ticks) {
    picture.append(svg('text', { x: x(cost), y: HEIGHT - BOTTOM + 18, 'text-anchor': 'middle' }, money(cost, currency)));
  }
  picture.append(svg('text', { x: (LEFT + WIDTH - RIGHT) / 2, y: HEIGHT - 6, 'text-anchor': 'middle' }, t('arena.cost')));
  const front = points.filter((p) => p.pareto).sort((a, b) => a.cost_per_answer - b.cost_per_answer);
  picture.append(svg('polyline', { class: 'front', points: front.map((p) => `${x(p.cost_per_answer)},${y(p.accuracy)}`).join(' ') }));
  for (const p of points) {
    const group = svg('g', { class: `series-${names.indexOf(p.contestant) % 6}` });
    group.append(
      svg('title', {}, describe(p, currency)),
      svg('line', { x1: x(p.cost_per_answer), x2: x(p.cost_per_answer), y1: y(p.low), y2: y(p.high) }),
      svg('circle', { cx: x(p.cost_per_answer), cy: y(p.accuracy), r: p.pareto ? 6 : 4 }),
    );
    picture.append(group);
  }
  return picture;
}

const describe = (p, currency) =>
  `${p.contestant}, k = ${p.k}${p.budget ? `, ${t('arena.budget')} ${p.budget}` : ''}: ${percent(p.accuracy)}, ${money(p.cost_per_answer, currency)}`;

function table(points, currency) {
  const head = [t('arena.contestant'), t('arena.budget'), 'k', t('arena.accuracy'), t('arena.cost'), t('arena.costPerCorrect')];
  return h(
    'div',
    { class: 'table-box', tabIndex: 0, role: 'region', 'aria-label': t('arena.table') },
    h(
      'table',
      {},
      h('thead', {}, h('tr', {}, ...head.map((text) => h('th', { scope: 'col' }, text)))),
      h(
        'tbody',
        {},
        ...points.map((p) =>
          h(
            'tr',
            {},
            h('th', { scope: 'row' }, p.contestant),
            h('td', {}, p.budget ? String(p.budget) : '–'),
            h('td', {}, String(p.k)),
            h('td', {}, percent(p.accuracy)),
            h('td', {}, money(p.cost_per_answer, currency)),
            h('td', {}, p.cost_per_correct ? money(p.cost_per_correct, currency) : '–'),
          ),
        ),
      ),
    ),
  );
}
