// A table whose rows come a page at a time.

import { button, fill, h } from '../dom/build.js';
import { problemText, t } from '../words/words.js';

/** Pages that are asked for in a row where each is empty and there is more. */
const emptyPagesMost = 20;

/**
 * @param {{columns: string[], label: string, row: (item: any) => HTMLElement,
 *   load: (cursor: string|null, signal: AbortSignal) => Promise<import('../store/types.js').Page>}} what
 */
export function pagedTable({ columns, label, load, row }) {
  const body = h('tbody', {});
  const state = h('p', { class: 'hint', role: 'status' });
  const more = button(t('showMore'), () => add(), 'plain', { hidden: true });
  let next = null;
  let running = new AbortController();

  const add = async () => {
    const { signal } = running;
    state.textContent = t('loading');
    more.hidden = true;
    try {
      for (let tries = 0; tries < emptyPagesMost; tries += 1) {
        const page = await load(next, signal);
        if (signal.aborted) return;
        next = page.next;
        body.append(...page.items.map(row));
        if (page.items.length > 0 || next === null) break;
      }
      state.textContent = body.children.length === 0 ? t('nothingFound') : '';
    } catch (error) {
      if (signal.aborted) return;
      state.textContent = problemText(error);
    }
    more.hidden = next === null;
  };
  const reload = () => {
    running.abort();
    running = new AbortController();
    next = null;
    fill(body);
    return add();
  };
  const element = h('div', { class: 'section' },
    h('div', { class: 'table-scroll', tabindex: '0', role: 'region', 'aria-label': label },
      h('table', { class: 'table stacked' },
        h('thead', {}, h('tr', {}, columns.map((name) => h('th', { scope: 'col' }, name)))), body)),
    state, h('div', { class: 'acts' }, more));
  return { element, reload, destroy: () => running.abort() };
}

/** A cell that says on a phone what it is. */
export function cell(label, ...children) {
  return h('td', { 'data-label': label }, children.flat().length > 1 ? h('span', {}, children) : children);
}
