// Going through a history by keyboard: one row can be reached with Tab, the arrows go on from there.

/** Keeps exactly one row reachable, whichever rows are drawn. */
export class HistoryKeys {
  #focusKey = null;

  /** @param {HTMLElement} scroll What scrolls @param {HTMLElement} rows What holds the rows. */
  constructor(scroll, rows) {
    Object.assign(this, { scroll, rows });
    scroll.addEventListener('keydown', (event) => this.#move(event));
    scroll.addEventListener('focusin', ({ target }) => this.#focused(target));
  }

  /** A row was drawn, or drawn anew while it had the focus. */
  drawn(key, element, hadFocus) {
    if (key === this.#focusKey) element.firstElementChild?.setAttribute('tabindex', '0');
    if (hadFocus) element.firstElementChild?.focus({ preventScroll: true });
  }

  /** The row that had the focus is not drawn any more. */
  lost() {
    this.scroll.focus({ preventScroll: true });
  }

  /** At least the newest row can be reached. */
  ensureReachable() {
    if (this.rows.querySelector('article[tabindex="0"]')) return;
    [...this.rows.querySelectorAll('article')].at(-1)?.setAttribute('tabindex', '0');
  }

  #focused(target) {
    const row = target.closest?.('.item');
    if (!row) return;
    this.#focusKey = row.dataset.key;
    for (const each of this.rows.querySelectorAll('article[tabindex="0"]')) each.setAttribute('tabindex', '-1');
    row.firstElementChild?.setAttribute('tabindex', '0');
  }

  #move(event) {
    if (!['ArrowUp', 'ArrowDown', 'Enter', ' '].includes(event.key)) return;
    const article = event.target.closest?.('article');
    if (!article || event.target !== article) return;
    event.preventDefault();
    if (event.key === 'Enter' || event.key === ' ') return article.querySelector('.message-more')?.click();
    const articles = [...this.rows.querySelectorAll('article')];
    const next = articles[articles.indexOf(article) + (event.key === 'ArrowUp' ? -1 : 1)];
    next?.focus({ preventScroll: true });
    next?.scrollIntoView({ block: 'nearest' });
  }
}
