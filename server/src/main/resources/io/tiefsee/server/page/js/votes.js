// The k answers of one question as small columns, the most frequent first.
import { h } from './dom.js';
import { percent, t } from './i18n.js';
import { markdown } from './markdown.js';

/** message.votes is [{answer, count, samples: [{reasoning_content, content}]}]. */
export function voteColumns(message) {
  const votes = message.votes;
  const total = votes.reduce((sum, v) => sum + v.count, 0);
  const most = Math.max(...votes.map((v) => v.count));
  const columns = votes.map((vote) => {
    const share = vote.count / total;
    const meter = h('span', { class: 'vote-bar', 'aria-hidden': 'true' }, h('span', {}));
    meter.firstChild.style.height = `${Math.max(6, (vote.count / most) * 100)}%`;
    return h(
      'li',
      { class: vote.count === most ? 'winner' : '' },
      h('strong', { class: 'vote-answer' }, vote.answer || t('votes.none')),
      meter,
      h('span', {}, t('votes.count', { count: vote.count, share: percent(share) })),
      (vote.samples ?? []).length > 0 && h('details', {}, h('summary', {}, t('votes.samples')), ...vote.samples.map(sample)),
    );
  });
  return h('section', { 'aria-label': t('votes.title', { count: total }) }, h('h4', {}, t('votes.title', { count: total })), h('ul', { class: 'vote-columns' }, ...columns));
}

function sample({ reasoning_content: thinking, content }) {
  return h(
    'div',
    { class: 'sample markdown' },
    thinking && h('details', { class: 'thinking' }, h('summary', {}, t('thinking.fold')), h('div', { class: 'thoughts' }, markdown(thinking))),
    markdown(content ?? ''),
  );
}
