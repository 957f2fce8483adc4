// The curves of a training run, running or finished: each stage's metrics, scores of held-out problems, and samples.
import * as api from './api.js';
import { Chart } from './chart.js';
import { h, icon } from './dom.js';
import { percent, short, t, time, whole } from './i18n.js';

const POLL = 2000; // ms
// The metrics that most say how a run goes come first; all others follow in the order of the log.
const FIRST = ['loss', 'reward', 'accuracy', 'length', 'entropy', 'kl', 'tokens/s', 'learning_rate', 'gradient_norm'];
const NO_METRICS = new Set(['stage', 'step', 'time', 'sample', 'score']);
const SAMPLES_KEPT = 50;

export function create() {
  return new TrainingView();
}

class TrainingView {
  constructor() {
    this.picker = h('select', { id: 'run', onchange: () => this.choose(this.picker.value) });
    this.about = h('span', { class: 'quiet' });
    this.problem = h('div', { role: 'status' });
    this.stages = h('div', { class: 'segments', role: 'group', 'aria-label': t('training.stage') });
    this.charts = h('div', { class: 'charts' });
    this.scores = h('div', {});
    this.samples = h('div', {});
    this.body = h(
      'div',
      { hidden: true },
      h('div', { class: 'row' }, h('label', { for: 'run' }, t('training.run')), this.picker, this.about),
      this.stages,
      this.charts,
      this.scores,
      this.samples,
    );
    this.element = h('div', { class: 'view training', tabIndex: 0 }, this.problem, this.body);
    this.drawn = new Map();
    this.abort = new AbortController();
    this.runs = [];
    this.reset('');
    this.poll();
  }

  close() {
    this.abort.abort();
    this.clearCharts();
  }

  reset(name) {
    this.name = name;
    this.next = 0;
    this.steps = new Map(); // stage → [{step, metric: value…}]
    this.scoreLines = [];
    this.sampleLines = [];
    this.stage = '';
  }

  clearCharts() {
    this.drawn.forEach((chart) => chart.close());
    this.drawn.clear();
    this.charts.replaceChildren();
  }

  choose(name) {
    this.clearCharts();
    this.reset(name);
    this.load();
  }

  async poll() {
    while (!this.abort.signal.aborted) {
      if (!document.hidden) {
        await this.load();
      }
      await new Promise((resolve) => setTimeout(resolve, POLL));
    }
  }

  async load() {
    try {
      const { runs } = await api.runs(this.abort.signal);
      this.showRuns(runs);
      if (runs.length > 0) {
        const name = this.name;
        const { next, lines } = await api.run(name, this.next, this.abort.signal);
        if (name === this.name && next >= this.next) {
          this.take(lines, next);
        } else if (name === this.name) {
          // The log became shorter: the run went back to a checkpoint. Read it anew.
          this.reset(name);
        }
      }
    } catch (error) {
      if (error.name === 'AbortError') {
        return;
      }
      const text = error.status === 404 ? t('training.none') : `${error.message} ${error.hint ?? ''}`;
      this.problem.replaceChildren(h('div', { class: 'error' }, icon('warning'), h('p', {}, text)));
    }
  }

  showRuns(runs) {
    this.body.hidden = runs.length === 0;
    this.problem.replaceChildren(runs.length === 0 ? h('p', { class: 'quiet' }, t('training.none')) : '');
    if (JSON.stringify(runs.map((r) => r.name)) !== JSON.stringify(this.runs.map((r) => r.name))) {
      this.picker.replaceChildren(...runs.map((r) => h('option', { value: r.name }, r.name)));
    }
    this.runs = runs;
    if (runs.length > 0 && !runs.some((r) => r.name === this.name)) {
      this.clearCharts();
      this.reset((runs.find((r) => r.running) ?? runs[0]).name);
    }
    this.picker.value = this.name;
    const run = runs.find((r) => r.name === this.name);
    this.about.textContent = run ? `${t(run.running ? 'training.running' : 'training.finished')} · ${run.stage ?? ''} · ${run.updated ? time(run.updated) : ''}` : '';
  }

  take(lines, next) {
    this.next = next;
    for (const line of lines) {
      if (line.score) {
        this.scoreLines.push(line);
      } else if (line.sample) {
        this.sampleLines.push(line);
      } else if (line.step !== undefined) {
        if (!this.steps.has(line.stage)) {
          this.steps.set(line.stage, []);
        }
        this.steps.get(line.stage).push(line);
      }
    }
    this.sampleLines = this.sampleLines.slice(-SAMPLES_KEPT);
    if (lines.length > 0) {
      const last = [...this.steps.keys()].at(-1) ?? '';
      this.showStage(this.chosen && this.steps.has(this.chosen) ? this.chosen : last);
      this.showScores();
      this.showSamples();
    }
  }

  showStage(stage) {
    if (stage !== this.stage) {
      this.clearCharts();
    }
    this.stage = stage;
    this.stages.replaceChildren(
      ...[...this.steps.keys()].map((name) =>
        h('button', { type: 'button', 'aria-pressed': String(name === stage), onclick: () => ((this.chosen = name), this.showStage(name), this.showSamples()) }, name),
      ),
    );
    const steps = this.steps.get(stage) ?? [];
    const names = new Set(steps.flatMap((line) => Object.keys(line)).filter((name) => !NO_METRICS.has(name)));
    const ordered = [...FIRST.filter((name) => names.has(name)), ...[...names].filter((name) => !FIRST.includes(name))];
    for (const name of ordered) {
      if (!this.drawn.has(name)) {
        const chart = new Chart(metricName(name), [metricName(name)], {});
        this.drawn.set(name, chart);
        this.charts.append(chart.element);
      }
      this.drawn.get(name).set([steps.map((line) => line.step), steps.map((line) => line[name] ?? null)]);
    }
  }

  showScores() {
    if (this.scoreLines.length === 0) {
      this.scores.replaceChildren();
      return;
    }
    const interval = (s, name) => (s[name] === undefined ? '–' : `${percent(s[name])} (${percent(s[name + '_low'] ?? s[name])} – ${percent(s[name + '_high'] ?? s[name])})`);
    const head = ['training.stage', 'training.task', 'training.level', 'training.pass1', 'training.majority', 'training.length'];
    const rows = this.scoreLines.map(({ stage, score }) =>
      h('tr', {}, h('th', { scope: 'row' }, stage), ...[score.task, score.level, interval(score, 'pass@1'), interval(score, 'majority@k'), score.length === undefined ? '–' : whole(score.length)].map((value) => h('td', {}, String(value)))),
    );
    this.scores.replaceChildren(
      h('h2', {}, t('training.scores')),
      h(
        'div',
        { class: 'table-box', tabIndex: 0, role: 'region', 'aria-label': t('training.scores') },
        h('table', {}, h('thead', {}, h('tr', {}, ...head.map((key) => h('th', { scope: 'col' }, t(key))))), h('tbody', {}, ...rows)),
      ),
    );
  }

  showSamples() {
    const shown = this.sampleLines.filter((line) => line.stage === this.stage).slice(-5).reverse();
    this.samples.replaceChildren(
      shown.length > 0 ? h('h2', {}, t('training.samples')) : '',
      ...shown.map(({ step, sample }) =>
        h(
          'details',
          { class: 'sample' },
          h('summary', {}, t('training.sample', { step: whole(step), reward: short(sample.reward) }), ' ', h('span', { class: 'quiet' }, sample.answer)),
          h('pre', { tabIndex: 0 }, [sample.prompt, sample.thinking, sample.answer].filter(Boolean).join('\n\n')),
        ),
      ),
    );
  }
}

function metricName(name) {
  const key = 'metric.' + name;
  const text = t(key);
  return text === key ? name.replaceAll('_', ' ') : text;
}
