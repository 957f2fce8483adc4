// Markdown of models as elements. What a model writes is hostile until proven otherwise: HTML in it is shown as
// text, what marked makes of the rest goes through DOMPurify, links are only followed on a click, images are links.
// The libraries for formulas and code come when the first formula or code block does.
import DOMPurify from '../vendor/purify.es.mjs';
import { Marked } from '../vendor/marked.esm.js';
import { copyText, h, iconButton } from './dom.js';
import { t } from './i18n.js';

const HARMLESS_TAG = /^<\/?(?:br|sub|sup|kbd|b|i|em|strong|u|s|del|mark)\s*\/?>$/i;
const SAFE_LINK = /^(?:https?:|mailto:)/i;

const escape = (text) =>
  text.replace(/[&<>"']/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' })[c]);

const formula = (tex, display) => `<span class="math" data-math="${display ? 'display' : 'inline'}">${escape(tex)}</span>`;

/** The end of \boxed{…} with its braces matched, or -1. */
function boxedEnd(text) {
  let depth = 0;
  for (let i = text.indexOf('{'); i < text.length; i++) {
    if (text[i] === '\\') {
      i++;
    } else if (text[i] === '{') {
      depth++;
    } else if (text[i] === '}' && --depth === 0) {
      return i + 1;
    }
  }
  return -1;
}

const DISPLAY = [/^\$\$([\s\S]+?)\$\$/, /^\\\[([\s\S]+?)\\\]/, /^(\\begin\{(equation|align|gather|cases|matrix|[pbv]matrix)(\*?)\}[\s\S]+?\\end\{\2\3\})/];
// A dollar sign before a digit ends no formula: "$5 and $6" are prices.
const INLINE = [/^\$(?![\s$])((?:\\.|[^\\$\n])+?)(?<!\s)\$(?!\d)/, /^\\\(([\s\S]+?)\\\)/];

const firstMatch = (patterns, text) => patterns.map((p) => p.exec(text)).find(Boolean);

const mathBlock = {
  name: 'mathBlock',
  level: 'block',
  start: (text) => text.match(/^(?:\$\$|\\\[|\\begin\{)/m)?.index,
  tokenizer(text) {
    const found = firstMatch(DISPLAY, text);
    const rest = found && /^[ \t]*[.,;]?[ \t]*(?:\n+|$)/.exec(text.slice(found[0].length));
    return rest ? { type: 'mathBlock', raw: found[0] + rest[0], tex: found[1], after: rest[0].trim() } : undefined;
  },
  renderer: (token) => `<p>${formula(token.tex, true)}${escape(token.after)}</p>`,
};

const mathInline = {
  name: 'mathInline',
  level: 'inline',
  start: (text) => text.match(/\$|\\\(|\\\[|\\boxed\{|\\begin\{/)?.index,
  tokenizer(text) {
    const display = firstMatch(DISPLAY, text);
    const found = display ?? firstMatch(INLINE, text);
    if (found) {
      return { type: 'mathInline', raw: found[0], tex: found[1], display: Boolean(display) };
    }
    const end = /^\\boxed\s*\{/.test(text) ? boxedEnd(text) : -1;
    return end > 0 ? { type: 'mathInline', raw: text.slice(0, end), tex: text.slice(0, end), display: false } : undefined;
  },
  renderer: (token) => formula(token.tex, token.display),
};

const marked = new Marked({
  gfm: true,
  extensions: [mathBlock, mathInline],
  renderer: {
    html: ({ text }) => (HARMLESS_TAG.test(text.trim()) ? text : escape(text)),
    image: ({ href, text }) => `<a href="${escape(href)}">${escape(text || href)}</a>`,
    code: ({ text, lang }) => `<pre><code data-language="${escape((lang ?? '').split(/\s/)[0])}">${escape(text)}</code></pre>`,
    checkbox: ({ checked }) => (checked ? '☑ ' : '☐ '),
  },
});

const PURIFY = {
  ALLOWED_TAGS: ['p', 'br', 'hr', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'ul', 'ol', 'li', 'blockquote', 'pre', 'code', 'em', 'strong', 'del',
    's', 'u', 'b', 'i', 'sub', 'sup', 'kbd', 'mark', 'a', 'table', 'thead', 'tbody', 'tr', 'th', 'td', 'span'],
  ALLOWED_ATTR: ['href', 'title', 'class', 'align', 'start', 'data-math', 'data-language'],
  ALLOW_DATA_ATTR: false,
  RETURN_DOM_FRAGMENT: true,
};

DOMPurify.addHook('afterSanitizeAttributes', (node) => {
  if (node.tagName === 'A') {
    if (SAFE_LINK.test(node.getAttribute('href') ?? '')) {
      node.target = '_blank';
      node.rel = 'noopener noreferrer nofollow';
    } else {
      node.removeAttribute('href');
    }
  }
});

/** The blocks of a text; their raw parts joined give the text. Line ends are \n. */
export function lex(text) {
  return marked.lexer(text);
}

/** Blocks as nodes, ready to be appended. */
export function nodes(tokens) {
  const fragment = DOMPurify.sanitize(marked.parser(tokens), PURIFY);
  fragment.querySelectorAll('table').forEach((table) => {
    // A wide table scrolls by itself; so that the keyboard can do it too, it takes the focus.
    const box = h('div', { class: 'table-box', tabIndex: 0, role: 'region', 'aria-label': t('message.table') });
    table.replaceWith(box);
    box.append(table);
  });
  fragment.querySelectorAll('[data-math]').forEach(typeset);
  fragment.querySelectorAll('pre > code').forEach(codeBlock);
  return fragment;
}

/** A whole text as nodes. */
export function markdown(text) {
  return nodes(lex(text));
}

/** A library that is loaded once, when first wanted. */
function lazily(load) {
  let library;
  let loading;
  return (use) => {
    if (library) {
      use(library);
    } else {
      loading ??= load().then((loaded) => (library = loaded));
      loading.then(use);
    }
  };
}

const withKatex = lazily(async () => {
  document.head.append(h('link', { rel: 'stylesheet', href: new URL('../vendor/katex/katex.min.css', import.meta.url).href }));
  await import('../vendor/katex/katex.min.js');
  return self.katex;
});

const withHighlight = lazily(async () => (await import('../vendor/highlight.min.js')).default);

function typeset(element) {
  const tex = element.textContent;
  withKatex((katex) => {
    const options = { displayMode: element.dataset.math === 'display', throwOnError: false, strict: 'ignore', trust: false, maxSize: 20, maxExpand: 500 };
    katex.render(tex, element, options);
  });
}

// A block of more characters than this stays uncoloured: colouring must not stop the page.
const LONGEST_COLOURED = 30000;

function codeBlock(code) {
  const text = code.textContent;
  const language = code.dataset.language;
  const pre = code.parentElement;
  pre.tabIndex = 0;
  const copy = iconButton('copy', t('message.copyCode'), async () => {
    if (await copyText(text)) {
      copied(copy);
    }
  });
  const box = h('div', { class: 'code-box' });
  pre.replaceWith(box);
  box.append(h('div', { class: 'code-head' }, h('span', {}, language), copy), pre);
  if (language && text.length <= LONGEST_COLOURED) {
    withHighlight((highlight) => {
      if (highlight.getLanguage(language)) {
        const html = highlight.highlight(text, { language, ignoreIllegals: true }).value;
        code.replaceChildren(DOMPurify.sanitize(html, PURIFY));
      }
    });
  }
}

/** Shows for a moment that a button's copying worked. */
export function copied(button) {
  button.classList.add('copied');
  const label = button.getAttribute('aria-label');
  button.setAttribute('aria-label', t('message.copied'));
  setTimeout(() => {
    button.classList.remove('copied');
    button.setAttribute('aria-label', label);
  }, 1500);
}

/**
 * A text that grows. Finished blocks are rendered once; only the last block, which may still change,
 * is rendered again, so that a long answer neither flickers nor slows down.
 */
export class GrowingMarkdown {
  constructor(root) {
    this.root = root;
    this.reset();
  }

  reset() {
    this.finished = 0;
    this.tail = [];
    this.shown = '';
    this.root.replaceChildren();
  }

  /** Shows the text; `complete` says that it will not grow. */
  set(raw, complete = false) {
    const text = raw.replace(/\r\n?/g, '\n');
    if (text === this.shown && complete === this.complete) {
      return;
    }
    if (!text.startsWith(this.shown.slice(0, this.finished))) {
      this.reset();
    }
    this.shown = text;
    this.complete = complete;
    const tokens = lex(text.slice(this.finished));
    let open = complete ? tokens.length : tokens.findLastIndex((token) => token.type !== 'space');
    if (open < 0) {
      open = 0;
    }
    const closed = tokens.slice(0, open);
    const changing = tokens.slice(open);
    this.tail.forEach((node) => node.remove());
    this.tail = [];
    if (closed.length > 0) {
      this.root.append(nodes(closed));
      this.finished += closed.reduce((sum, token) => sum + token.raw.length, 0);
    }
    if (changing.length > 0) {
      const fragment = nodes(changing);
      this.tail = [...fragment.childNodes];
      this.root.append(fragment);
    }
  }
}
