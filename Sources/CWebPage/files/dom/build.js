// Makes elements without ever parsing HTML: what people wrote stays text.

const svg = 'http://www.w3.org/2000/svg';

/**
 * An element with attributes, listeners and children. `on` holds listeners by event, `class` and `data-…` are
 * attributes like all others; `false`, `null` and `undefined` leave an attribute out.
 * @param {string} tag @param {Record<string, any>} [given] @param {...any} children
 * @returns {any}
 */
export function h(tag, given = {}, ...children) {
  const element = document.createElement(tag);
  set(element, given);
  append(element, children);
  return element;
}

/** @param {Element} element @param {Record<string, any>} given */
export function set(element, given) {
  for (const [name, value] of Object.entries(given)) {
    if (name === 'on') {
      for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    } else if (name === 'value' || name === 'checked' || name === 'disabled' || name === 'hidden') {
      element[name] = value;
    } else if (value === false || value === null || value === undefined) {
      element.removeAttribute(name);
    } else {
      element.setAttribute(name, value === true ? '' : String(value));
    }
  }
}

function append(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : String(child));
  }
}

/** Puts other children into an element. */
export function fill(element, ...children) {
  element.replaceChildren();
  append(element, children);
  return element;
}

/** A drawing from paths, hidden from screen readers: what it means stands beside it, or in a label. */
export function icon(name) {
  const element = document.createElementNS(svg, 'svg');
  set(element, { viewBox: '0 0 24 24', class: `icon icon-${name}`, 'aria-hidden': 'true', focusable: 'false' });
  for (const line of paths[name] ?? []) {
    const path = document.createElementNS(svg, 'path');
    path.setAttribute('d', line);
    element.append(path);
  }
  return element;
}

/** A button that shows a drawing only. */
export function iconButton(name, label, act, more = {}) {
  return h('button', {
    type: 'button', class: `icon-button ${more.class ?? ''}`, 'aria-label': label, title: label,
    on: { click: act }, ...withoutClass(more),
  }, icon(name));
}

/** A button with words. @param {'primary'|'plain'|'danger'|'quiet'} look */
export function button(label, act, look = 'plain', more = {}) {
  return h('button', { type: 'button', class: `button ${look}`, on: { click: act }, ...more }, label);
}

function withoutClass({ class: _, ...rest }) {
  return rest;
}

/**
 * Makes the children of an element those of a list, keeping the elements of items that were there.
 * @template Item
 * @param {Element} parent @param {Item[]} items @param {(item: Item) => string} keyOf
 * @param {(item: Item, element: any | undefined) => any} draw Gets the element that the item had.
 */
export function reconcile(parent, items, keyOf, draw) {
  const present = new Map();
  for (const child of parent.children) present.set(child.getAttribute('data-key'), child);
  let place = parent.firstElementChild;
  for (const item of items) {
    const key = keyOf(item);
    const before = present.get(key);
    present.delete(key);
    const element = draw(item, before);
    element.setAttribute('data-key', key);
    if (before && before !== element) {
      if (place === before) place = before.nextElementSibling;
      before.remove();
    }
    if (place === element) place = element.nextElementSibling;
    else put(parent, element, place);
  }
  for (const rest of present.values()) rest.remove();
}

/** What has the focus keeps it where the browser can move elements. */
function put(parent, element, place) {
  if (element.parentNode === parent && parent.moveBefore) parent.moveBefore(element, place);
  else parent.insertBefore(element, place);
}

/** Strokes of 24 by 24, drawn for this page. */
const paths = {
  chats: ['M4 5h16v11H9l-5 4z'],
  person: ['M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8z', 'M4 21c1-5 4-7 8-7s7 2 8 7'],
  people: ['M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7z', 'M2.5 20c.5-4.5 3-6.5 6.5-6.500s6 2 6.5 6.5',
    'M15.5 4.300a3.5 3.5 0 0 1 0 6.4', 'M17.5 13.900c2.3.7 3.6 2.7 4 6.1'],
  support: ['M4 14v-2a8 8 0 0 1 16 0v2', 'M4 14h3v5H5a1 1 0 0 1-1-1z', 'M20 14h-3v5h2a1 1 0 0 0 1-1z',
    'M19 19c0 2-2 3-5 3'],
  shield: ['M12 3l8 3v6c0 5-3.5 8-8 9-4.5-1-8-4-8-9V6z'],
  settings: ['M5 6h9', 'M18 6h1', 'M16 4v4', 'M5 12h2', 'M11 12h8', 'M9 10v4', 'M5 18h7', 'M16 18h3', 'M14 16v4'],
  search: ['M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14z', 'M16.5 16.500L21 21'],
  plus: ['M12 5v14', 'M5 12h14'],
  back: ['M15 5l-7 7 7 7'],
  down: ['M5 9l7 7 7-7'],
  close: ['M6 6l12 12', 'M18 6L6 18'],
  more: ['M5 12h.01', 'M12 12h.01', 'M19 12h.01'],
  send: ['M4 12l16-8-5 16-3.5-6z'],
  attach: ['M20 11l-8.5 8.500a5 5 0 0 1-7-7L13 4a3.5 3.5 0 0 1 5 5l-8.5 8.500a1.8 1.8 0 0 1-2.6-2.600L14 8'],
  reply: ['M9 7l-5 5 5 5', 'M4 12h9c4 0 6 2 7 6'],
  edit: ['M4 20l1-4L16 5l3 3L8 19z', 'M14 7l3 3'],
  copy: ['M9 9h11v11H9z', 'M15 9V4H4v11h5'],
  trash: ['M5 7h14', 'M10 7V4h4v3', 'M7 7l1 13h8l1-13', 'M10.5 11v5', 'M13.5 11v5'],
  info: ['M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z', 'M12 11v5', 'M12 8h.01'],
  check: ['M5 13l4 4L19 7'],
  checks: ['M2 13l4 4L16 7', 'M12 16l1 1L23 7'],
  clock: ['M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z', 'M12 7v5l3 2'],
  warning: ['M12 4l9 16H3z', 'M12 10v4', 'M12 17h.01'],
  file: ['M6 3h8l4 4v14H6z', 'M14 3v4h4'],
  picture: ['M4 5h16v14H4z', 'M4 16l5-5 5 5 3-3 3 3', 'M15.5 9.500h.01'],
  archive: ['M4 4h16v5H4z', 'M5.500 9v11h13V9', 'M10 13h4'],
  download: ['M12 4v11', 'M7 11l5 5 5-5', 'M5 20h14'],
  left: ['M15 5l-7 7 7 7'],
  right: ['M9 5l7 7-7 7'],
  leave: ['M10 4H5v16h5', 'M9 12h11', 'M16 8l4 4-4 4'],
  device: ['M4 5h16v11H4z', 'M9 20h6', 'M12 16v4'],
  log: ['M6 4h12v16H6z', 'M9 9h6', 'M9 13h6', 'M9 17h3'],
  pulse: ['M3 12h4l3-7 4 14 3-7h4'],
  retry: ['M19 12a7 7 0 1 1-2-5', 'M19 4v4h-4'],
};
