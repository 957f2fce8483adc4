// Curves by uPlot, in the page's colours and as wide as their place.
import uPlot from '../vendor/uPlot.esm.js';
import { h } from './dom.js';
import { clock, short } from './i18n.js';

document.head.append(h('link', { rel: 'stylesheet', href: new URL('../vendor/uPlot.min.css', import.meta.url).href }));

const HEIGHT = 180; // px

/** A colour of the page as a canvas understands it: variables and light-dark() resolved. */
function colour(name) {
  const probe = h('span', {});
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const resolved = getComputedStyle(probe).color;
  probe.remove();
  return resolved;
}

export class Chart {
  /**
   * @param title the caption; beside it stand the values under the pointer, or else the latest
   * @param names of the series
   * @param time whether x values are seconds since 1970 and the y axis begins at zero; else they are steps
   */
  constructor(title, names, { time = false } = {}) {
    Object.assign(this, { names, time });
    this.place = h('div', { class: 'plot', 'aria-hidden': 'true' });
    this.values = h('span', { class: 'values' });
    this.element = h('figure', { class: 'chart' }, h('figcaption', {}, title, this.values), this.place);
    this.data = [[], ...names.map(() => [])];
    this.rebuild = () => this.build();
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(this.place);
    addEventListener('themechange', this.rebuild);
    this.dark = matchMedia('(prefers-color-scheme: dark)');
    this.dark.addEventListener('change', this.rebuild);
  }

  /** data is [x values, values of each series…], null where there is none. */
  set(data) {
    this.data = data;
    this.plot?.setData(data);
    this.say(this.plot?.cursor.idx);
  }

  /** Writes the values at a place of the data beside the caption. */
  say(index) {
    const at = (values) => (index === null || index === undefined ? values.findLast((v) => v !== null && v !== undefined) : values[index]);
    const x = this.data[0][index ?? -1];
    const place = x === undefined ? '' : this.time ? clock(x * 1000) : String(x);
    const values = this.data.slice(1).map((series, i) => {
      const value = at(series);
      const text = value === null || value === undefined ? '–' : short(value);
      return h('span', { class: `series-${i % 6}` }, this.names.length > 1 ? `${this.names[i]} ${text}` : text);
    });
    this.values.replaceChildren(...(place ? [h('span', { class: 'quiet' }, place)] : []), ...values);
  }

  resize() {
    const width = Math.floor(this.place.clientWidth);
    if (width > 0 && !this.plot) {
      this.build();
    } else if (width > 0 && width !== this.plot.width) {
      this.plot.setSize({ width, height: HEIGHT });
    }
  }

  build() {
    this.plot?.destroy();
    const axis = {
      stroke: colour('--quiet'),
      grid: { stroke: colour('--line'), width: 1 },
      ticks: { stroke: colour('--line'), width: 1 },
      font: '12px system-ui, sans-serif',
    };
    this.plot = new uPlot(
      {
        width: Math.floor(this.place.clientWidth),
        height: HEIGHT,
        legend: { show: false },
        scales: {
          x: { time: this.time },
          y: this.time ? { range: (self, low, high) => [0, Math.max(1, high * 1.1)] } : {},
        },
        axes: [
          { ...axis, values: this.time ? (self, splits) => splits.map((s) => clock(s * 1000)) : undefined, space: this.time ? 90 : 40, size: 32 },
          { ...axis, size: 52, values: (self, splits) => splits.map((v) => short(v)) },
        ],
        series: [
          {},
          ...this.names.map((label, i) => ({ label, stroke: colour(`--series-${i % 6}`), width: 2, spanGaps: true, points: { show: false } })),
        ],
        hooks: { setCursor: [(plot) => this.say(plot.cursor.idx)] },
      },
      this.data,
      this.place,
    );
  }

  close() {
    this.observer.disconnect();
    removeEventListener('themechange', this.rebuild);
    this.dark.removeEventListener('change', this.rebuild);
    this.plot?.destroy();
  }
}
