// Links to files: short-lived, asked for in batches, renewed before they end.

const gatherFor = 30;
const batchLimit = 100;
const kept = 1000;
/** A link that ends sooner is asked for again. */
const leastLeft = 20_000;
/** What one may not see, or no more, is not asked for again by every drawing. */
const refusedFor = 10_000;

/**
 * @typedef {object} FileLink
 * @property {string} url
 * @property {string} [previewURL]
 * @property {string} [thumbnailURL]
 * @property {string} expiresAt
 */

export class FileLinks {
  /** @type {Map<string, FileLink>} */
  #links = new Map();
  /** When it was said that there is none. @type {Map<string, number>} */
  #refused = new Map();
  /** What is asked for with the next request. @type {Map<string, {promise: Promise<FileLink|null>, resolve: any, reject: any}>} */
  #wanted = new Map();
  #timer = 0;

  /** @param {import('../net/api.js').Api} api */
  constructor(api) {
    this.api = api;
  }

  /** A link that is known and good now. @returns {FileLink|undefined} */
  good(id) {
    const link = this.#links.get(id);
    return link && Date.parse(link.expiresAt) - Date.now() > leastLeft ? link : undefined;
  }

  /**
   * A link that is good now; `null` where the file is gone, or not to be seen any more.
   * @returns {Promise<FileLink|null>} Throws `Problem` or `Offline`.
   */
  fresh(id) {
    const known = this.good(id);
    if (known) return Promise.resolve(known);
    if (Date.now() - (this.#refused.get(id) ?? 0) < refusedFor) return Promise.resolve(null);
    const waiting = this.#wanted.get(id);
    if (waiting) return waiting.promise;
    const wanted = withResolvers();
    this.#wanted.set(id, wanted);
    this.#timer ||= setTimeout(() => this.#askAll(), gatherFor);
    return wanted.promise;
  }

  #askAll() {
    this.#timer = 0;
    const all = [...this.#wanted];
    this.#wanted.clear();
    for (let from = 0; from < all.length; from += batchLimit) this.#ask(all.slice(from, from + batchLimit));
  }

  async #ask(wanted) {
    try {
      const answer = await this.api.post('/api/files/links', { files: wanted.map(([id]) => id) });
      for (const { id, ...link } of answer.items) keep(this.#links, id, onThisHost(link));
      for (const [id, { resolve }] of wanted) {
        const link = this.good(id) ?? null;
        if (!link) keep(this.#refused, id, Date.now());
        resolve(link);
      }
    } catch (error) {
      for (const [, { reject }] of wanted) reject(error);
    }
  }
}

/** The most recent ones only. */
function keep(map, id, value) {
  map.delete(id);
  map.set(id, value);
  if (map.size > kept) map.delete(map.keys().next().value);
}

/** The server may know itself by another name than the one that the page was opened by; the paths are the same. */
function onThisHost(link) {
  const local = (address) => (address ? new URL(address, location.href).pathname : undefined);
  return { ...link, url: local(link.url), previewURL: local(link.previewURL), thumbnailURL: local(link.thumbnailURL) };
}

/** As `Promise.withResolvers`, which not all browsers have yet. */
function withResolvers() {
  const made = {};
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
  return made;
}
