// What was sent and is not acknowledged yet: kept over a reload, sent in order, tried again.

import { Emitter } from './emitter.js';
import { Offline, Problem } from '../net/problem.js';
import { backoff } from '../live/backoff.js';

/** Messages that may wait at once. */
const limit = 200;

/**
 * @typedef {object} PendingSend
 * @property {string} clientId
 * @property {string} conversationId
 * @property {string} [text]
 * @property {import('./types.js').FileInfo[]} files
 * @property {number} [replyTo]
 * @property {string} createdAt
 * @property {'waiting'|'sending'|'failed'} state
 * @property {{status: number, detail: string}} [problem]
 */

/**
 * Of one conversation one message is under way at a time, so that they stay in order. The `clientId` lets the server
 * take a message once, however often it is sent. What the server refuses for good stays, to be sent again or thrown
 * away.
 *
 * Tells `changed` with the conversation.
 */
export class Outbox extends Emitter {
  /** @type {PendingSend[]} */
  #items = [];
  #busy = new Set();
  #failures = 0;
  #isOpen = false;

  /**
   * @param {(item: PendingSend) => Promise<import('./types.js').Message>} send
   * @param {(message: import('./types.js').Message) => void} onSent Called while the item is still there.
   * @param {{read: () => string|null, write: (text: string) => void}} storage
   */
  constructor(send, onSent, storage, schedule = (act, time) => setTimeout(act, time)) {
    super();
    Object.assign(this, { send, onSent, storage, schedule });
    this.#items = restored(storage.read());
  }

  /** @returns {PendingSend[]} */
  of(conversationId) {
    return this.#items.filter((item) => item.conversationId === conversationId);
  }

  get count() { return this.#items.length; }

  /** Throws `Problem` when too many wait. */
  add(item) {
    if (this.#items.length >= limit) throw new Problem({ status: 429, detail: 'too many messages wait' });
    this.#items.push({ ...item, state: 'waiting' });
    this.#changed(item.conversationId);
    this.#work(item.conversationId);
  }

  /** Takes up what a tab wrote down that is gone. */
  adopt(text) {
    const items = restored(text).filter(({ clientId }) => !this.#items.some((each) => each.clientId === clientId))
      .slice(0, Math.max(0, limit - this.#items.length));
    if (items.length === 0) return;
    this.#items.push(...items);
    for (const id of new Set(items.map((item) => item.conversationId))) {
      this.#changed(id);
      this.#work(id);
    }
  }

  retry(clientId) {
    const item = this.#items.find((each) => each.clientId === clientId);
    if (item?.state !== 'failed') return;
    Object.assign(item, { state: 'waiting', problem: undefined });
    this.#changed(item.conversationId);
    this.#work(item.conversationId);
  }

  discard(clientId) {
    const item = this.#items.find((each) => each.clientId === clientId);
    if (item && item.state !== 'sending') this.#remove(item);
  }

  /** The connection is there, or gone. */
  set isOpen(isOpen) {
    this.#isOpen = isOpen;
    if (!isOpen) return;
    this.#failures = 0;
    for (const id of new Set(this.#items.map((item) => item.conversationId))) this.#work(id);
  }

  /** A message was heard that is in the box: its acknowledgement got lost. */
  heard(message) {
    const item = this.#items.find(
      (each) => each.clientId === message.clientId && each.conversationId === message.conversationId);
    if (item) this.#remove(item);
  }

  async #work(conversationId) {
    if (this.#busy.has(conversationId) || !this.#isOpen) return;
    this.#busy.add(conversationId);
    try {
      for (;;) {
        const item = this.#items.find(
          (each) => each.conversationId === conversationId && each.state !== 'failed');
        if (!item || !this.#isOpen) return;
        item.state = 'sending';
        if (!(await this.#sendOne(item))) return;
      }
    } finally {
      this.#busy.delete(conversationId);
    }
  }

  /** Whether to go on with the next. */
  async #sendOne(item) {
    try {
      const message = await this.send(item);
      this.onSent(message);
      this.#failures = 0;
      this.#remove(item);
      return true;
    } catch (error) {
      if (!this.#items.includes(item)) return true;
      if (error instanceof Problem && !error.isPassing && error.status !== 401) {
        Object.assign(item, { state: 'failed', problem: { status: error.status, detail: error.message } });
        this.#changed(item.conversationId);
        return true;
      }
      item.state = 'waiting';
      this.#changed(item.conversationId);
      if (!(error instanceof Offline) || this.#isOpen) this.#tryLater(item.conversationId, error.retryAfter);
      return false;
    }
  }

  #tryLater(conversationId, seconds = 0) {
    this.#failures += 1;
    this.schedule(() => this.#work(conversationId), Math.max(seconds * 1000, backoff(this.#failures)));
  }

  #remove(item) {
    this.#items = this.#items.filter((each) => each !== item);
    this.#changed(item.conversationId);
  }

  #changed(conversationId) {
    this.storage.write(JSON.stringify(this.#items));
    this.emit('changed', conversationId);
  }
}

function restored(text) {
  try {
    const items = JSON.parse(text ?? '[]');
    return items.filter((item) => typeof item?.clientId === 'string' && typeof item.conversationId === 'string')
      .map((item) => ({ ...item, files: item.files ?? [], state: item.state === 'failed' ? 'failed' : 'waiting' }))
      .slice(0, limit);
  } catch {
    return [];
  }
}
