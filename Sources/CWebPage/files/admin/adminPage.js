// The admin console: one page at a time.

import { h, icon } from '../dom/build.js';
import { t } from '../words/words.js';
import { archivePage } from './archive.js';
import { archivesPage } from './archives.js';
import { auditPage } from './audit.js';
import { healthPage } from './health.js';
import { usersPage } from './users.js';

const pages = {
  users: usersPage, archives: (parts, item) => (item ? archivePage(parts, item) : archivesPage(parts)), audit: auditPage,
  health: healthPage,
};
const signs = { users: 'people', archives: 'archive', audit: 'log', health: 'pulse' };

/** @param {{api: import('../net/api.js').Api, keeper: any}} parts @param {string} name @param {string} [item] */
export function adminPage(parts, name, item) {
  const page = (Object.hasOwn(pages, name) ? pages[name] : usersPage)(parts, item);
  return { element: h('div', { class: 'column wide' }, page.element), destroy: page.destroy ?? (() => {}) };
}

/** What the list pane shows beside it. @param {string} current */
export function adminMenu(current) {
  return h('nav', { class: 'list-pane', 'aria-label': t('admin') },
    h('header', { class: 'pane-head' }, h('h1', {}, t('admin'))),
    h('ul', { class: 'rows' }, Object.keys(pages).map((name) => h('li', {}, link(name, signs[name], name === current)))));
}

function link(name, sign, isCurrent) {
  return h('a', { class: 'row', href: `#/admin/${name}`, 'aria-current': isCurrent ? 'page' : undefined },
    h('span', { class: 'avatar tint-0', 'aria-hidden': 'true' }, icon(sign)),
    h('span', { class: 'row-words' },
      h('span', { class: 'row-name' }, t(`admin.${name}`)),
      h('span', { class: 'row-last' }, t(`admin.${name}Text`))));
}

/** On a phone that menu is not beside it. @param {string} current */
export function adminTabs(current) {
  return h('nav', { class: 'tabs', 'aria-label': t('admin') }, Object.keys(pages).map((name) => h('a', {
    href: `#/admin/${name}`, 'aria-current': name === current ? 'page' : undefined,
  }, t(`admin.${name}`))));
}
