// Elements, icons, live regions and dialogs. Texts always become text nodes: nothing here parses HTML.

/**
 * An element. Properties that begin with "on" are listeners, "class" and names with a dash are
 * attributes, "dataset" is an object, the rest are set as properties of the element.
 */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) {
      continue;
    }
    if (name.startsWith('on')) {
      element.addEventListener(name.slice(2), value);
    } else if (name === 'dataset') {
      Object.assign(element.dataset, value);
    } else if (name === 'class' || name === 'for' || name === 'role' || name === 'list' || name.includes('-')) {
      element.setAttribute(name, value === true ? '' : value);
    } else {
      element[name] = value;
    }
  }
  element.append(...children.flat(2).filter((c) => c !== undefined && c !== null && c !== false));
  return element;
}

const SVG = 'http://www.w3.org/2000/svg';

/** An element of an SVG drawing, with attributes. */
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) {
    element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

// Strokes of icons on a grid of 24.
const ICONS = {
  plus: 'M12 5v14M5 12h14',
  send: 'M12 19V5M6 11l6-6 6 6',
  stop: 'M7 7h10v10H7z',
  menu: 'M4 7h16M4 12h16M4 17h16',
  copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
  check: 'M5 13l4 4L19 7',
  edit: 'M4 20h4L19 9l-4-4L4 16zM14 6l4 4',
  redo: 'M20 11a8 8 0 1 0-2.3 6.3M20 5v6h-6',
  left: 'M15 6l-6 6 6 6',
  right: 'M9 6l6 6-6 6',
  trash: 'M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13M10 11v5M14 11v5',
  search: 'M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM16 16l5 5',
  sliders: 'M4 7h10M18 7h2M4 17h2M10 17h10M14 5v4M8 15v4',
  clip: 'M20 11l-8.5 8.5a5 5 0 0 1-7-7L13 4a3.4 3.4 0 0 1 4.8 4.8l-8.4 8.4a1.8 1.8 0 0 1-2.6-2.6L14 7.5',
  download: 'M12 4v11M7 11l5 5 5-5M5 20h14',
  upload: 'M12 16V5M7 9l5-5 5 5M5 20h14',
  columns: 'M4 5h16v14H4zM12 5v14',
  gauge: 'M4 18a9 9 0 1 1 16 0M12 15l4-6',
  curve: 'M4 4v16h16M7 9c3 6 6 8 12 8',
  chat: 'M4 5h16v11H9l-5 4z',
  close: 'M6 6l12 12M18 6L6 18',
  bulb: 'M9 18h6M10 21h4M12 3a6 6 0 0 0-4 10.5c.8.8 1 1.5 1 2.5h6c0-1 .2-1.7 1-2.5A6 6 0 0 0 12 3z',
  tool: 'M14 7a4 4 0 0 1 5-4l-2.5 2.5 2 2L21 5a4 4 0 0 1-5 5L8 18a2 2 0 0 1-3-3z',
  keyboard: 'M3 7h18v10H3zM7 11h.01M11 11h.01M15 11h.01M8 14h8',
  more: 'M6 12h.01M12 12h.01M18 12h.01',
  down: 'M6 9l6 6 6-6',
  branch: 'M7 4v16M7 12c6 0 10-2 10-7M14 7l3-3 3 3',
  warning: 'M12 4L3 20h18zM12 10v4M12 17h.01',
};

/** A drawing beside a text or within a labelled button; screen readers pass over it. */
export function icon(name) {
  return svg(
    'svg',
    { viewBox: '0 0 24 24', class: 'icon', 'aria-hidden': 'true', focusable: 'false' },
    svg('path', { d: ICONS[name] }),
  );
}

/** A button that shows only an icon; its label is read out and shown as a tooltip. */
export function iconButton(name, label, onclick, properties = {}) {
  return h('button', { type: 'button', class: 'icon-button', 'aria-label': label, title: label, onclick, ...properties }, icon(name));
}

/** Says a text to screen readers, without interrupting them. */
export function announce(text) {
  const region = document.getElementById('announcements');
  region.textContent = '';
  requestAnimationFrame(() => {
    region.textContent = text;
  });
}

/** A short notice at the lower edge; it goes by itself, and screen readers hear it. */
export function toast(text) {
  const note = h('div', { class: 'toast' }, text);
  document.getElementById('toasts').append(note);
  announce(text);
  setTimeout(() => note.remove(), 5000);
}

/**
 * A modal dialog with a heading. Resolves with its return value when it closes ('' on Escape).
 * The content may close it by element.closest('dialog').close(value).
 */
export function dialog(title, content, { wide = false, side = false, closeLabel } = {}) {
  const id = 'dialog-' + Math.random().toString(36).slice(2);
  const box = h(
    'dialog',
    { class: (wide ? 'wide ' : '') + (side ? 'side' : ''), 'aria-labelledby': id },
    h(
      'div',
      { class: 'dialog-head' },
      h('h2', { id }, title),
      iconButton('close', closeLabel, () => box.close('')),
    ),
    h('div', { class: 'dialog-body' }, content),
  );
  box.addEventListener('click', (event) => {
    if (event.target === box) {
      box.close('');
    }
  });
  document.body.append(box);
  const before = document.activeElement;
  box.showModal();
  return new Promise((resolve) => {
    box.addEventListener('close', () => {
      box.remove();
      if (before instanceof HTMLElement && before.isConnected) {
        before.focus();
      }
      resolve(box.returnValue);
    });
  });
}

/** Copies a text; true if that worked. Pages without TLS have no clipboard of their own, hence the second way. */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = h('textarea', { value: text, class: 'off-screen' });
    document.body.append(area);
    area.select();
    const copied = document.execCommand('copy');
    area.remove();
    return copied;
  }
}

/** An identifier of 96 random bits. */
export function newId() {
  return [...crypto.getRandomValues(new Uint8Array(12))].map((b) => b.toString(16).padStart(2, '0')).join('');
}

/** Gives the user a file to save. */
export function save(name, type, text) {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = h('a', { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}

/** Lets the user choose files; resolves with them, or with none. */
export function chooseFiles(accept, multiple) {
  return new Promise((resolve) => {
    const input = h('input', { type: 'file', accept, multiple, class: 'off-screen', 'aria-hidden': 'true' });
    const done = () => {
      resolve([...input.files]);
      input.remove();
    };
    input.addEventListener('change', done);
    input.addEventListener('cancel', done);
    document.body.append(input);
    input.click();
  });
}
