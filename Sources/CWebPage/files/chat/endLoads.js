// Loads what comes next where somebody nears an end of what is loaded.

/** Pixels from an end at which more is loaded. */
const loadAhead = 1500;

/** One load at a time. */
export class EndLoads {
  #isLoading = false;

  /**
   * @param {{owner: any, feed: HTMLElement, extent: () => string, update: () => boolean, look: () => void}} parts
   * `extent` is another text where rows were added at an end or taken away; `update` shows what came and says whether
   * anybody still looks; `look` looks anew how near the ends are.
   */
  constructor(parts) {
    Object.assign(this, parts);
  }

  /** So far it is to both ends. @param {number} above @param {number} below */
  near(above, below) {
    if (this.#isLoading) return;
    const { owner } = this;
    if (above < loadAhead && owner.hasOlder()) this.#load(() => owner.loadOlder());
    else if (below < loadAhead && owner.hasNewer()) this.#load(() => owner.loadNewer());
  }

  async #load(load) {
    this.#isLoading = true;
    this.feed.setAttribute('aria-busy', 'true');
    try {
      await load();
      const before = this.extent();
      if (!this.update()) return;
      // What brought nothing is asked for again by the next scroll, not at once and for ever.
      if (this.extent() === before) return;
    } finally {
      this.#isLoading = false;
      this.feed.removeAttribute('aria-busy');
    }
    this.look();
  }
}
