// Who people are, whether they are there, and whether they type.

import { Emitter } from './emitter.js';

/** Profiles that are asked for at once. */
const lookupsAtOnce = 4;

/**
 * Names come with conversations and searches; what is missing is asked for once.
 *
 * Tells `named`, `presence` and `typing`, the last with the conversation.
 */
export class People extends Emitter {
  #names = new Map();
  #presence = new Map();
  #online = new Map();
  #typing = new Map();
  #wanted = new Set();
  #lookups = 0;

  /** @param {(id: string) => Promise<{id: string, name: string}>} look */
  constructor(look) {
    super();
    this.look = look;
  }

  /** @param {{id: string, name?: string}} person */
  note({ id, name }) {
    if (!name || this.#names.get(id) === name) return;
    this.#names.set(id, name);
    this.#wanted.delete(id);
    this.emit('named', id);
  }

  /** The name, or nothing while it is asked for. */
  name(id) {
    const name = this.#names.get(id);
    if (name === undefined && id && !this.#wanted.has(id)) {
      this.#wanted.add(id);
      this.#lookUp();
    }
    return name ?? '';
  }

  async #lookUp() {
    if (this.#lookups >= lookupsAtOnce) return;
    this.#lookups += 1;
    try {
      for (const id of this.#wanted) {
        if (this.#names.has(id)) continue;
        this.#names.set(id, '');
        // Who cannot be read stays without a name; the next start of the page asks again.
        const person = await this.look(id).catch(() => null);
        if (person) {
          this.#names.delete(id);
          this.note(person);
        }
      }
    } finally {
      this.#lookups -= 1;
    }
  }

  // MARK: Presence

  /** `{userId, status, lastSeenAt?}`, or `{conversationId, online}` of a large conversation. */
  hearPresence(news) {
    if (news.userId) {
      this.#presence.set(news.userId, { status: news.status, lastSeenAt: news.lastSeenAt });
    } else {
      this.#online.set(news.conversationId, news.online);
    }
    this.emit('presence', news.userId);
  }

  /** @returns {{status: 'online'|'away'|'offline', lastSeenAt?: string} | undefined} */
  presence(id) { return this.#presence.get(id); }

  /** How many of a large conversation are there. */
  online(conversationId) { return this.#online.get(conversationId); }

  /** The connection is gone: nobody knows who is there. */
  forgetPresence() {
    this.#presence.clear();
    this.#online.clear();
    this.emit('presence');
  }

  // MARK: Typing

  /** `{conversationId, userId, expiresIn}` */
  hearTyping({ conversationId, userId, expiresIn }) {
    const typists = this.#typing.get(conversationId) ?? new Map();
    this.#typing.set(conversationId, typists);
    clearTimeout(typists.get(userId));
    typists.set(userId, setTimeout(() => this.stopTyping(conversationId, userId), expiresIn * 1000));
    this.emit('typing', conversationId);
  }

  stopTyping(conversationId, userId) {
    const typists = this.#typing.get(conversationId);
    if (!typists?.has(userId)) return;
    clearTimeout(typists.get(userId));
    typists.delete(userId);
    if (typists.size === 0) this.#typing.delete(conversationId);
    this.emit('typing', conversationId);
  }

  /** @returns {string[]} */
  typing(conversationId) { return [...(this.#typing.get(conversationId)?.keys() ?? [])]; }
}
