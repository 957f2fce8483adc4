// One message on the page. An assistant's message updates itself while it is written, at most once a frame.
import { copyText, h, icon, iconButton } from './dom.js';
import { generationOf, isOrphan } from './generation.js';
import { duration, t, whole } from './i18n.js';
import { copied, GrowingMarkdown } from './markdown.js';
import { priceLine } from './receipt.js';
import { isBuiltIn } from './tools.js';
import { voteColumns } from './votes.js';

/**
 * @param actions what the buttons do: {edit, regenerate, continueAnswer, branch(message, step), siblings(message),
 *     submitResult(message, call, text)}
 */
export function messageView(message, actions) {
  return message.role === 'assistant' ? new AssistantView(message, actions) : new PlainView(message, actions);
}

/** "‹ 2 / 3 ›" where a message has siblings. */
function branchSwitch(message, actions) {
  const { index, count } = actions.siblings(message);
  if (count < 2) {
    return undefined;
  }
  return h(
    'span',
    { class: 'branches', role: 'group', 'aria-label': t('message.branches') },
    iconButton('left', t('message.previousBranch'), () => actions.branch(message, -1), { disabled: index === 0 }),
    h('span', {}, t('message.branch', { index: index + 1, count })),
    iconButton('right', t('message.nextBranch'), () => actions.branch(message, 1), { disabled: index === count - 1 }),
  );
}

/** What the engine did to an answer: ended its thoughts by the budget, for instance. */
function notes(message) {
  return (message.notes ?? []).map((note) => h('p', { class: 'note' }, t('note.' + note)));
}

function copyButton(text) {
  const button = iconButton('copy', t('message.copy'), async () => (await copyText(text())) && copied(button));
  return button;
}

/** A question, or the result of a tool. */
class PlainView {
  constructor(message, actions) {
    this.message = message;
    this.actions = actions;
    this.element = h('article', { class: 'message ' + message.role, dataset: { id: message.id } });
    this.update(message);
  }

  update(message) {
    this.message = message;
    this.element.replaceChildren(...(message.role === 'tool' ? this.result() : this.question()));
  }

  result() {
    const name = this.message.name ?? '';
    return [h('details', { class: 'tool-result' }, h('summary', {}, icon('tool'), t('tool.result', { name })), h('pre', { tabIndex: 0 }, this.message.content))];
  }

  question() {
    const files = (this.message.attachments ?? []).map((a) =>
      h('details', { class: 'attachment' }, h('summary', {}, icon('clip'), a.name), h('pre', { tabIndex: 0 }, a.text)),
    );
    return [
      h('h3', { class: 'off-screen' }, t('message.you')),
      h('div', { class: 'bubble' }, ...files, h('div', { class: 'question' }, this.message.content)),
      h(
        'div',
        { class: 'actions' },
        branchSwitch(this.message, this.actions),
        copyButton(() => this.message.content),
        iconButton('edit', t('message.edit'), () => this.edit()),
      ),
    ];
  }

  /** Puts a text area in the bubble's place; sending asks anew, in a branch of its own. */
  edit() {
    const area = h('textarea', { value: this.message.content, 'aria-label': t('message.editLabel'), rows: 3 });
    const cancel = () => {
      this.update(this.message);
      this.element.querySelector('.actions button:last-child').focus();
    };
    const send = () => area.value.trim() && this.actions.edit(this.message, area.value);
    area.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') {
        event.stopPropagation();
        cancel();
      } else if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        send();
      }
    });
    this.element.replaceChildren(
      h(
        'div',
        { class: 'editor' },
        area,
        h(
          'div',
          { class: 'row end' },
          h('button', { type: 'button', onclick: cancel }, t('cancel')),
          h('button', { type: 'button', class: 'primary', onclick: send }, t('message.sendEdited')),
        ),
      ),
    );
    area.focus();
  }
}

class AssistantView {
  constructor(message, actions) {
    this.actions = actions;
    this.thoughts = h('div', { class: 'thoughts markdown' });
    this.thoughtText = new GrowingMarkdown(this.thoughts);
    this.foldLabel = h('span', {});
    this.fold = h('details', { class: 'thinking', hidden: true }, h('summary', { onclick: () => (this.folded = true) }, icon('bulb'), this.foldLabel), this.thoughts);
    this.state = h('div', { class: 'state', role: 'status' });
    this.answer = h('div', { class: 'answer markdown' });
    this.answerText = new GrowingMarkdown(this.answer);
    this.calls = h('div', { class: 'calls' });
    this.votes = h('div', { class: 'votes' });
    this.error = h('div', {});
    this.foot = h('div', { class: 'foot' });
    this.name = h('h3', { class: 'name' });
    this.element = h(
      'article',
      { class: 'message assistant', dataset: { id: message.id } },
      this.name,
      this.fold,
      this.state,
      this.answer,
      this.calls,
      this.votes,
      this.error,
      this.foot,
    );
    this.update(message);
    const generation = generationOf(message);
    if (generation) {
      this.follow(generation);
    }
  }

  /** Shows what a generation brings, from now on. */
  follow(generation) {
    if (this.followed === generation) {
      return;
    }
    this.followed = generation;
    generation.onUpdate((message) => this.schedule(message));
    this.update(generation.message);
  }

  schedule(message) {
    this.message = message;
    this.frame ??= requestAnimationFrame(() => {
      this.frame = undefined;
      if (this.element.isConnected) {
        this.update(this.message);
      }
    });
  }

  update(message) {
    this.message = message;
    const generation = generationOf(message);
    const writing = message.status === 'streaming' && !isOrphan(message);
    this.element.dataset.status = isOrphan(message) ? 'interrupted' : message.status;
    this.element.setAttribute('aria-busy', String(writing));
    this.name.textContent = message.model || t('message.assistant');
    this.updateThinking(message, generation, writing);
    this.answerText.set(message.content, !writing);
    this.updateState(message, generation, writing);
    // What stands below the answer changes seldom; it is made anew only then, so that no focus is lost.
    const seldom = JSON.stringify([this.element.dataset.status, message.calls, message.votes, message.error, message.finish, message.notes, message.price]) + this.actions.siblings(message).count + this.actions.siblings(message).index;
    if (seldom !== this.seldom) {
      this.seldom = seldom;
      this.calls.replaceChildren(...(message.calls ?? []).map((call) => this.call(call, writing)));
      this.votes.replaceChildren(...(message.votes ? [voteColumns(message)] : []));
      this.error.replaceChildren(...(writing ? [] : [...notes(message), ...this.trouble(message)]));
      this.foot.replaceChildren(...(writing ? [] : this.footer(message)));
    }
  }

  updateThinking(message, generation, writing) {
    this.fold.hidden = !message.thinking;
    if (!message.thinking) {
      return;
    }
    const live = writing && !message.content && !message.calls;
    const seconds = generation ? generation.thinkingSeconds() : (message.thinkingSeconds ?? 0);
    const values = { time: duration(seconds), tokens: whole(message.thinkingTokens ?? 0) };
    const said = live ? 'thinking.live' : seconds < 0.05 ? 'thinking.untimed' : 'thinking.done';
    this.foldLabel.textContent = t(said, values);
    this.fold.classList.toggle('live', live);
    // Open while it thinks, closed when the answer begins; a reader's own click wins over both.
    if (!this.folded && this.fold.open !== live) {
      this.fold.open = live;
    }
    if (this.fold.open || !live) {
      this.thoughtText.set(message.thinking, !live);
    }
    if (live && this.fold.open) {
      this.thoughts.scrollTop = this.thoughts.scrollHeight;
    }
  }

  updateState(message, generation, writing) {
    const waiting = generation?.waiting ?? {};
    let text = '';
    if (!writing) {
      text = '';
    } else if (waiting.reconnecting) {
      text = t('state.reconnecting');
    } else if (waiting.queue !== undefined) {
      text = t('state.queue', { position: whole(waiting.queue) });
    } else if (waiting.loading !== undefined) {
      text = t('state.loading', { percent: whole(waiting.loading * 100) });
    } else if (!message.thinking && !message.content && !message.calls) {
      text = t(message.samples > 1 ? 'state.sampling' : 'state.waiting', { count: message.samples ?? 1 });
    }
    if (this.state.textContent !== text) {
      this.state.textContent = text;
    }
    this.state.classList.toggle('busy', text !== '');
  }

  call(call, writing) {
    const head = h('div', { class: 'call-head' }, icon('tool'), h('strong', {}, call.name), h('code', {}, call.arguments));
    if (writing || isBuiltIn(call.name) || this.actions.isAnswered(this.message, call)) {
      return h('div', { class: 'call' }, head);
    }
    const area = h('textarea', { rows: 2, 'aria-label': t('tool.resultLabel', { name: call.name }), placeholder: t('tool.placeholder') });
    const submit = () => this.actions.submitResult(this.message, call, area.value);
    return h('div', { class: 'call' }, head, area, h('div', { class: 'row end' }, h('button', { type: 'button', class: 'primary', onclick: submit }, t('tool.submit'))));
  }

  trouble(message) {
    const button = (text, act) => h('button', { type: 'button', onclick: () => act(message) }, text);
    const partial = message.content !== '' || message.thinking !== '';
    if (message.status === 'stopped') {
      return [h('p', { class: 'note' }, t('state.stopped'), partial && button(t('message.continue'), this.actions.continueAnswer))];
    }
    if (message.status === 'interrupted' || isOrphan(message)) {
      const buttons = [partial && button(t('message.continue'), this.actions.continueAnswer), button(t('message.again'), this.actions.regenerate)];
      return [h('div', { class: 'error', role: 'alert' }, icon('warning'), h('p', {}, h('strong', {}, message.error?.text ?? t('error.lost')), ' ', t('hint.interrupted')), ...buttons)];
    }
    if (message.error) {
      return [
        h('div', { class: 'error', role: 'alert' }, icon('warning'), h('p', {}, h('strong', {}, message.error.text), ' ', message.error.hint), button(t('message.again'), this.actions.regenerate)),
      ];
    }
    const cut = { length: 'state.length', insufficient_system_resource: 'state.cut' }[message.finish];
    return cut ? [h('p', { class: 'note' }, t(cut), button(t('message.continue'), this.actions.continueAnswer))] : [];
  }

  footer(message) {
    return [
      message.status !== 'error' && (message.content || message.thinking || message.calls) ? priceLine(message) : '',
      h(
        'div',
        { class: 'actions' },
        branchSwitch(message, this.actions),
        copyButton(() => message.content),
        iconButton('redo', t('message.regenerate'), () => this.actions.regenerate(message)),
      ),
    ];
  }
}
