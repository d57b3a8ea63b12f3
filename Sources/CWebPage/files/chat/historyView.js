// The history of one conversation on the screen: draws what is near, loads what comes next, and never jumps.

import { fill, h, iconButton, reconcile } from '../dom/build.js';
import { RowHeights } from '../store/windowing.js';
import { t } from '../words/words.js';
import { EndLoads } from './endLoads.js';
import { HistoryKeys } from './historyKeys.js';
import { estimatedHeight, staysInPlace } from './items.js';

/** Pixels that are drawn beyond what is seen, and how near to their end one may scroll before more is drawn. */
const margin = 900;
const slack = 400;
const atEndWithin = 60;

/**
 * Rows stand in a box between two empty ones, which are as high as what is not drawn. Whatever changes, the row that is
 * uppermost on the screen stays where it is; who was at the end stays at the end.
 *
 * Asks its owner: `items()`, `draw(item, element)`, `signature(item)`, `isAtStart()`, `hasOlder()`, `hasNewer()`,
 * `loadOlder()`, `loadNewer()`, `toEnd()`; tells `onSeen(item)` the lowest row that is seen, `onEnd(isAtEnd)`.
 */
export class HistoryView {
  #owner;
  #items = [];
  #index = new Map();
  #signatures = new WeakMap();
  #heights = new RowHeights((key) => estimatedHeight(this.#items[this.#index.get(key)] ?? {}));
  #drawn = { from: 0, to: 0 };
  #frame = 0;
  #sticks = true;
  #ends;
  #resize = new ResizeObserver((entries) => this.#resized(entries));

  constructor(owner) {
    this.#owner = owner;
    this.above = h('div', { 'aria-hidden': 'true' });
    this.rows = h('div', { class: 'row-box' });
    this.below = h('div', { 'aria-hidden': 'true' });
    this.start = h('div', { class: 'history-state' });
    this.finish = h('div', { class: 'history-state', hidden: true }, h('div', { class: 'spinner' }));
    this.feed = h('div', { class: 'drawn', role: 'feed', 'aria-label': t('messages') },
      this.start, this.above, this.rows, this.below, this.finish);
    this.scroll = h('div', { class: 'scroll', tabindex: '-1' }, this.feed);
    this.keys = new HistoryKeys(this.scroll, this.rows);
    this.scroll.addEventListener('scroll', () => this.#soon(), { passive: true });
    this.count = h('span', { class: 'badge', hidden: true });
    this.toEnd = iconButton('down', t('toEnd'), () => this.#owner.toEnd(), { class: 'to-end', hidden: true });
    this.toEnd.append(this.count);
    this.element = h('div', { class: 'history' }, this.scroll, this.toEnd);
    this.#resize.observe(this.scroll);
    this.#ends = new EndLoads({
      owner, feed: this.feed, extent: () => `${this.#items.length} ${this.#items.at(-1)?.key}`, look: () => this.#tell(),
      update: () => {
        if (this.#frame === -1) return false;
        this.update();
        return true;
      },
    });
  }

  destroy() {
    this.#resize.disconnect();
    cancelAnimationFrame(this.#frame);
    this.#frame = -1;
  }

  /** Messages or their surroundings changed. */
  update() {
    const anchor = this.#anchor();
    this.#takeItems();
    this.#draw(anchor);
  }

  /** Shows a row in the middle, or the end. */
  show(key) {
    this.#sticks = false;
    const index = this.#index.get(key);
    if (index === undefined) return false;
    const room = this.scroll.clientHeight - this.#heights.heightOf(key);
    this.#draw({ key, offset: Math.max(16, room / 3) });
    this.#sticks = this.#isNearEnd;
    this.#tell();
    return true;
  }

  showEnd() {
    this.#sticks = true;
    this.#draw(null);
  }

  /** Marks a row for a moment. */
  mark(key) {
    const element = this.#element(key)?.firstElementChild;
    if (!element) return;
    element.classList.add('marked');
    element.focus({ preventScroll: true });
    setTimeout(() => element.classList.remove('marked'), 1600);
  }

  get isAtEnd() { return this.#sticks && !this.#owner.hasNewer(); }

  /** How many unread ones are below. */
  set unreadBelow(count) {
    this.count.hidden = count === 0;
    this.count.textContent = count > 99 ? '99+' : String(count);
  }

  // MARK: Drawing

  #takeItems() {
    this.#items = this.#owner.items();
    this.#index = new Map(this.#items.map(({ key }, index) => [key, index]));
    this.#heights.setKeys(this.#items.map(({ key }) => key));
    const isAtStart = this.#owner.isAtStart();
    if (this.start.dataset.state !== String(isAtStart)) {
      this.start.dataset.state = String(isAtStart);
      fill(this.start, isAtStart ? t('beginning') : h('div', { class: 'spinner' }));
    }
    this.finish.hidden = !this.#owner.hasNewer();
  }

  /** @param {{key: string, offset: number} | null} anchor What stays where it is. */
  #draw(anchor) {
    // What is not on the screen has no heights; it is drawn when it comes there, because it changes its size then.
    if (this.#frame === -1 || this.scroll.clientHeight === 0) return;
    // Measuring may show that more, or less, fits; it settles after one round or two.
    // Each round lets the browser lay out anew, so there is none for what is drawn beyond the screen anyway.
    for (let round = 0; round < 4; round += 1) {
      this.#place(anchor);
      if (!this.#drawSlice()) break;
    }
    this.#place(anchor);
    this.#tell();
  }

  /** Scrolls so that the anchor is where it was. */
  #place(anchor) {
    if (this.#sticks) {
      this.scroll.scrollTop = this.scroll.scrollHeight;
    } else if (anchor && this.#index.has(anchor.key)) {
      const top = this.#base + this.#heights.top(this.#index.get(anchor.key));
      this.scroll.scrollTop = top - anchor.offset;
    }
  }

  /** Draws the rows around what is seen. Whether heights turned out to be others. */
  #drawSlice() {
    const offset = this.#sticks
      ? this.#heights.total - this.scroll.clientHeight : this.scroll.scrollTop - this.#base;
    const slice = this.#heights.slice(offset, this.scroll.clientHeight, margin);
    this.#drawn = slice;
    this.above.style.height = `${slice.above}px`;
    this.below.style.height = `${slice.below}px`;
    const shown = this.#items.slice(slice.from, slice.to);
    const hadFocus = this.rows.contains(document.activeElement);
    reconcile(this.rows, shown, ({ key }) => key, (item, element) => this.#row(item, element));
    if (hadFocus && !this.rows.contains(document.activeElement)) this.keys.lost();
    let isOther = false;
    for (const element of this.rows.children) {
      const height = element.getBoundingClientRect().height;
      if (this.#heights.measured(element.dataset.key, height)) isOther = true;
    }
    if (isOther) {
      this.above.style.height = `${this.#heights.top(slice.from)}px`;
      this.below.style.height = `${this.#heights.total - this.#heights.top(slice.to)}px`;
    }
    return isOther;
  }

  #row(item, element) {
    const signature = this.#owner.signature(item);
    if (element && this.#signatures.get(element) === signature) return element;
    const hadFocus = element?.contains(document.activeElement);
    const drawn = this.#owner.draw(item, element);
    this.#signatures.set(drawn, signature);
    if (!element) this.#resize.observe(drawn);
    this.keys.drawn(item.key, drawn, hadFocus);
    return drawn;
  }

  /** Where the rows begin inside what is scrolled. */
  get #base() { return this.above.offsetTop; }

  /**
   * The uppermost row on the screen that keeps its neighbours, and where. The very first message does not: it may turn
   * out to go on what somebody said before, and loses some height.
   */
  #anchor() {
    const top = this.scroll.getBoundingClientRect().top;
    const first = this.#items.find(({ key }) => staysInPlace(key))?.key;
    for (const element of this.rows.children) {
      const { key } = element.dataset;
      if (!staysInPlace(key) || (key === first && this.#items.length > 2)) continue;
      const rect = element.getBoundingClientRect();
      if (rect.bottom > top + 1) return { key: element.dataset.key, offset: rect.top - top };
    }
    return null;
  }

  #element(key) {
    return [...this.rows.children].find((element) => element.dataset.key === key);
  }

  // MARK: What happens to it

  /** Rows, or the whole, have another size: before anything is painted all is put right. */
  #resized(entries) {
    // Covered by a panel on a phone, all rows are without height for a while.
    if (this.scroll.clientHeight === 0) return;
    let isOther = false;
    for (const { target } of entries) {
      if (target === this.scroll) {
        isOther = true;
      } else if (target.isConnected && this.#heights.measured(target.dataset.key, target.getBoundingClientRect().height)) {
        isOther = true;
      }
    }
    if (isOther) this.#draw(this.#lastAnchor ?? this.#anchor());
  }

  #lastAnchor = null;

  #soon() {
    if (this.#frame !== 0) return;
    this.#frame = requestAnimationFrame(() => {
      if (this.#frame === -1) return;
      this.#frame = 0;
      this.#scrolled();
    });
  }

  #scrolled() {
    const { scrollTop, clientHeight } = this.scroll;
    this.#sticks = this.#isNearEnd;
    const [from, to] = [this.#heights.top(this.#drawn.from), this.#heights.top(this.#drawn.to)];
    const offset = scrollTop - this.#base;
    const isUncovered = (offset - slack < from && this.#drawn.from > 0)
      || (offset + clientHeight + slack > to && this.#drawn.to < this.#items.length);
    if (isUncovered) this.#draw(this.#isFar(offset, from, to) ? this.#guess(offset) : this.#anchor());
    this.#tell();
  }

  get #isNearEnd() {
    const { scrollTop, clientHeight, scrollHeight } = this.scroll;
    return scrollHeight - scrollTop - clientHeight < atEndWithin && !this.#owner.hasNewer();
  }

  /** The scroll bar was dragged to where nothing is drawn. */
  #isFar(offset, from, to) {
    return offset + this.scroll.clientHeight < from || offset > to;
  }

  #guess(offset) {
    const index = this.#heights.indexAt(offset);
    return { key: this.#items[index]?.key, offset: this.#heights.top(index) - offset };
  }

  #tell() {
    this.#lastAnchor = this.#sticks ? null : this.#anchor();
    const { scrollTop, clientHeight, scrollHeight } = this.scroll;
    this.toEnd.hidden = this.isAtEnd;
    this.#owner.onEnd(this.isAtEnd);
    if (this.#items.length > 0) {
      const lowest = this.#heights.indexAt(scrollTop - this.#base + clientHeight - 24);
      this.#owner.onSeen(this.#items[this.isAtEnd ? this.#items.length - 1 : lowest], this.isAtEnd);
    }
    if (this.#items.length > 0) this.#ends.near(scrollTop, scrollHeight - scrollTop - clientHeight);
  }
}
