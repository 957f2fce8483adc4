// The price line under an answer, and the receipt behind it.
import { dialog, h } from './dom.js';
import { duration, money, short, t, time, whole } from './i18n.js';

/** Tokens of an answer: {cached, prompt, thinking, answer}; as the server counted them, else as they came. */
export function tokensOf(message) {
  const r = message.receipt?.tokens;
  if (r) {
    return { cached: r.prompt_hit, prompt: r.prompt_miss, thinking: r.thinking, answer: r.answer };
  }
  const u = message.usage;
  if (u) {
    const cached = u.prompt_cache_hit_tokens ?? u.prompt_tokens_details?.cached_tokens ?? 0;
    const thinking = u.completion_tokens_details?.reasoning_tokens ?? 0;
    return { cached, prompt: u.prompt_tokens - cached, thinking, answer: u.completion_tokens - thinking };
  }
  return { cached: 0, prompt: 0, thinking: message.thinkingTokens ?? 0, answer: message.answerTokens ?? 0 };
}

/** Tokens per second of the generation, or 0 where that cannot be told. */
export function speedOf(message) {
  const tokens = tokensOf(message);
  const seconds = message.receipt?.seconds.generation ?? message.seconds ?? 0;
  return seconds > 0 ? (tokens.thinking + tokens.answer) / seconds : 0;
}

/** {total, currency}, or undefined where no price is known. */
export function costOf(message) {
  return message.receipt?.cost ?? message.price;
}

const method = (receipt) => t('method.' + receipt.joules.method);

/** The line: a button that opens the receipt where there is one, else plain text. */
export function priceLine(message) {
  const tokens = tokensOf(message);
  const parts = [];
  if (tokens.cached > 0) {
    parts.push(t('price.cached', { count: whole(tokens.cached) }));
  }
  if (tokens.thinking > 0) {
    parts.push(t('price.thinking', { count: whole(tokens.thinking) }));
  }
  parts.push(t('price.answer', { count: whole(tokens.answer) }));
  if (speedOf(message) > 0) {
    parts.push(t('price.speed', { speed: short(speedOf(message)) }));
  }
  const receipt = message.receipt;
  if (receipt) {
    parts.push(`${short(receipt.joules.total)} J (${method(receipt)})`);
  }
  const cost = costOf(message);
  const children = [h('span', {}, parts.join(' · '))];
  if (cost) {
    children.push(h('strong', {}, money(cost.total, cost.currency)));
  }
  for (const other of receipt?.elsewhere?.slice(0, 2) ?? []) {
    children.push(h('span', { class: 'elsewhere' }, t('price.elsewhere', { name: other.name, cost: money(other.total, other.currency) })));
  }
  return receipt
    ? h('button', { type: 'button', class: 'price-line', title: t('price.open'), onclick: () => openReceipt(message) }, ...children)
    : h('p', { class: 'price-line' }, ...children);
}

/** Rows of [name, value] under a caption. */
function section(caption, rows) {
  return h(
    'table',
    { class: 'receipt' },
    h('caption', {}, caption),
    h('tbody', {}, ...rows.map(([name, value, strong]) => h('tr', strong ? { class: 'total' } : {}, h('th', { scope: 'row' }, name), h('td', {}, value)))),
  );
}

export function openReceipt(message) {
  const r = message.receipt;
  const tokens = tokensOf(message);
  const euros = (amount) => money(amount, r.cost.currency);
  const joules = (amount) => `${short(amount)} J`;
  const content = h(
    'div',
    {},
    h('p', { class: 'quiet' }, `${r.model} · ${time(r.time)}`),
    section(t('receipt.tokens'), [
      [t('receipt.cached'), whole(tokens.cached)],
      [t('receipt.prompt'), whole(tokens.prompt)],
      [t('receipt.thinking'), whole(tokens.thinking)],
      [t('receipt.answer'), whole(tokens.answer)],
    ]),
    section(t('receipt.time'), [
      [t('receipt.queue'), duration(r.seconds.queue)],
      [t('receipt.reading'), duration(r.seconds.prompt)],
      [t('receipt.writing'), duration(r.seconds.generation)],
      [t('receipt.total'), duration(r.seconds.total), true],
    ]),
    section(t('receipt.energy', { method: method(r) }), [
      [t('receipt.reading'), joules(r.joules.prompt)],
      [t('receipt.writing'), joules(r.joules.generation)],
      [t('receipt.total'), `${joules(r.joules.total)} ± ${joules(r.joules.uncertainty)}`, true],
      [t('receipt.idle'), joules(r.joules.idle_subtracted)],
    ]),
    section(t('receipt.cost'), [
      [t('receipt.electricity'), euros(r.cost.electricity)],
      [t('receipt.amortisation'), euros(r.cost.amortisation)],
      [t('receipt.overhead'), euros(r.cost.overhead)],
      [t('receipt.total'), euros(r.cost.total), true],
    ]),
    (r.elsewhere ?? []).length > 0 &&
      section(
        t('receipt.elsewhere'),
        r.elsewhere.map((e) => [h('span', {}, e.name, ' ', h('small', {}, t('receipt.asOf', { date: e.as_of }))), money(e.total, e.currency)]),
      ),
    h('p', { class: 'quiet' }, t('receipt.book', { date: r.price_book })),
  );
  return dialog(t('receipt.title'), content, { closeLabel: t('close') });
}
