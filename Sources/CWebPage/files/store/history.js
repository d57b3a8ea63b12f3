// Reads parts of conversations from the server into timelines.

import { Timeline } from './timeline.js';

const pageLimit = 60;
/** Conversations whose loaded part is kept. */
const kept = 12;
/** Messages of one conversation that are kept. */
export const loadedLimit = 3000;

/** Timelines by conversation, the most recently used ones. */
export class History {
  /** @type {Map<string, Timeline>} */
  #timelines = new Map();
  #loads = new Map();

  /** @param {import('../net/api.js').Api} api */
  constructor(api) {
    this.api = api;
  }

  /** @param {string} id */
  timeline(id) {
    const timeline = this.#timelines.get(id) ?? new Timeline();
    this.#timelines.delete(id);
    this.#timelines.set(id, timeline);
    if (this.#timelines.size > kept) this.forget(this.#timelines.keys().next().value);
    return timeline;
  }

  /** Only if it is loaded already. */
  peek(id) { return this.#timelines.get(id); }

  forget(id) { this.#timelines.delete(id); }

  clear() { this.#timelines.clear(); }

  /** The newest messages. */
  loadNewest(id) {
    return this.#once(id, 'newest', async (timeline) => {
      const page = await this.#page(id, {});
      timeline.reset(page.items, { hasOlder: page.next !== null, hasNewer: false });
      timeline.reach(page.items.at(-1)?.seq ?? 0);
    });
  }

  loadOlder(id) {
    return this.#once(id, 'older', async (timeline) => {
      if (!timeline.hasOlder || timeline.messages.length === 0) return;
      const page = await this.#page(id, { before: timeline.low });
      timeline.prepend(page.items, page.next !== null);
      timeline.trim(loadedLimit, false);
    });
  }

  loadNewer(id) {
    return this.#once(id, 'newer', async (timeline) => {
      if (!timeline.hasNewer) return;
      const page = await this.#page(id, { after: timeline.high });
      timeline.append(page.items, page.next !== null);
      timeline.trim(loadedLimit, true);
    });
  }

  /** The messages around one, in place of what was loaded. */
  loadAround(id, seq) {
    return this.#once(id, 'around', async (timeline) => {
      const [older, newer] = await Promise.all([
        this.#page(id, { before: seq + 1, limit: pageLimit / 2 }),
        this.#page(id, { after: seq, limit: pageLimit / 2 }),
      ]);
      timeline.reset([...older.items, ...newer.items], {
        hasOlder: older.next !== null, hasNewer: newer.next !== null,
      });
    });
  }

  /** One message, loaded or not; `null` where there is none. */
  async message(id, seq) {
    const loaded = this.peek(id)?.find(seq);
    if (loaded) return loaded;
    const page = await this.#page(id, { before: seq + 1, limit: 1 });
    return page.items[0]?.seq === seq ? page.items[0] : null;
  }

  #page(id, query) {
    return this.api.get(`/api/conversations/${id}/messages`, { limit: pageLimit, ...query });
  }

  /** Who asks for the same while it is under way waits for the first. */
  #once(id, what, load) {
    const key = `${id} ${what}`;
    const running = this.#loads.get(key);
    if (running) return running;
    const work = load(this.timeline(id)).finally(() => this.#loads.delete(key));
    this.#loads.set(key, work);
    return work;
  }
}
