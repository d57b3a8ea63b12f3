// Short notices at the edge of the page, and what only screen readers hear.

import { h } from './build.js';

const shownFor = 6000;
const most = 3;

const notices = h('div', { class: 'notices', role: 'status' });
const spoken = h('div', { class: 'unseen', role: 'log', 'aria-live': 'polite' });

export function mountNotices(parent) {
  parent.append(notices, spoken);
}

/** @param {string} text @param {'plain'|'bad'} [look] */
export function notify(text, look = 'plain') {
  const notice = h('p', { class: `notice ${look}` }, text);
  notices.append(notice);
  while (notices.children.length > most) notices.firstElementChild.remove();
  setTimeout(() => notice.remove(), shownFor);
}

/** Says something without showing it. */
export function say(text) {
  const line = h('p', {}, text);
  spoken.append(line);
  setTimeout(() => line.remove(), shownFor);
}
