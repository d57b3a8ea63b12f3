// Links to files: short-lived, asked for in batches, renewed before they end.

import { Emitter } from '../store/emitter.js';

const gatherFor = 30;
const batchLimit = 100;
const kept = 1000;
/** A link that ends sooner is asked for again. */
const leastLeft = 20_000;

/**
 * @typedef {object} FileLink
 * @property {string} url
 * @property {string} [previewURL]
 * @property {string} [thumbnailURL]
 * @property {string} expiresAt
 */

/** Tells `changed` when links came. */
export class FileLinks extends Emitter {
  /** @type {Map<string, FileLink>} */
  #links = new Map();
  #wanted = new Set();
  #asked = new Set();
  #timer = 0;

  /** @param {import('../net/api.js').Api} api */
  constructor(api) {
    super();
    this.api = api;
  }

  /** What is known, however old: a picture that is shown stays shown. */
  peek(id) { return this.#links.get(id); }

  /** The link, or nothing while it is asked for. */
  get(id) {
    const link = this.#links.get(id);
    if (!link || Date.parse(link.expiresAt) - Date.now() < leastLeft) this.#want(id);
    return link;
  }

  /** A link that is good now. */
  async fresh(id) {
    const link = this.#links.get(id);
    if (link && Date.parse(link.expiresAt) - Date.now() > leastLeft) return link;
    await this.#ask([id]);
    return this.#links.get(id);
  }

  #want(id) {
    if (this.#asked.has(id)) return;
    this.#wanted.add(id);
    this.#timer ||= setTimeout(() => {
      this.#timer = 0;
      const ids = [...this.#wanted].slice(0, batchLimit);
      for (const each of ids) this.#wanted.delete(each);
      if (this.#wanted.size > 0) this.#want([...this.#wanted][0]);
      this.#ask(ids).catch(() => {});
    }, gatherFor);
  }

  async #ask(ids) {
    for (const id of ids) this.#asked.add(id);
    try {
      const answer = await this.api.post('/api/files/links', { files: ids });
      for (const { id, ...link } of answer.items) this.#keep(id, onThisHost(link));
      this.emit('changed');
    } finally {
      // What was refused is not asked for again at once, by every drawing.
      setTimeout(() => ids.forEach((id) => this.#asked.delete(id)), 5000);
    }
  }

  #keep(id, link) {
    this.#links.delete(id);
    this.#links.set(id, link);
    if (this.#links.size > kept) this.#links.delete(this.#links.keys().next().value);
  }
}

/** The server may know itself by another name than the one that the page was opened by; the paths are the same. */
function onThisHost(link) {
  const local = (address) => (address ? new URL(address, location.href).pathname : undefined);
  return { ...link, url: local(link.url), previewURL: local(link.previewURL), thumbnailURL: local(link.thumbnailURL) };
}
