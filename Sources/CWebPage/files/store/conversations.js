// The list of conversations, newest activity first, kept up to date by what is heard.

import { Emitter } from './emitter.js';
import { isNewer } from './timeline.js';

/** What lists show of a text. */
const shownLength = 200;

/**
 * Tells `list` when order or rows may be others, and `changed` with the conversation.
 */
export class Conversations extends Emitter {
  /** @type {Map<string, import('./types.js').Conversation>} */
  #byId = new Map();
  /** How far others have read, by conversation and user. */
  #reads = new Map();
  /** @type {import('./types.js').Conversation[] | null} */
  #sorted = null;

  /** @param {(id: string) => boolean} isOwn */
  constructor(isOwn) {
    super();
    this.isOwn = isOwn;
  }

  get(id) { return this.#byId.get(id); }

  get all() {
    this.#sorted ??= [...this.#byId.values()].sort(
      (one, other) => other.lastActivityAt.localeCompare(one.lastActivityAt) || other.id.localeCompare(one.id));
    return this.#sorted;
  }

  get unread() {
    let sum = 0;
    for (const conversation of this.#byId.values()) sum += conversation.unread;
    return sum;
  }

  /**
   * A conversation as the server shows it. What was heard since the answer was made is not undone.
   * @param {import('./types.js').Conversation} shown
   */
  put(shown) {
    const known = this.#byId.get(shown.id);
    const conversation = { ...shown };
    if (known && known.lastSeq > shown.lastSeq) {
      Object.assign(conversation, {
        lastSeq: known.lastSeq, lastActivityAt: known.lastActivityAt, lastMessage: known.lastMessage,
        unread: known.unread,
      });
    }
    if (known && known.readSeq > shown.readSeq) {
      conversation.readSeq = known.readSeq;
      conversation.unread = known.unread;
    }
    // A page of the list names the first members only, and not what they may do.
    if (known && known.members.length > shown.members.length && known.memberCount === shown.memberCount) {
      conversation.members = known.members;
    }
    this.#set(conversation);
  }

  remove(id) {
    if (!this.#byId.delete(id)) return;
    this.#reads.delete(id);
    this.#sorted = null;
    this.emit('changed', id);
    this.emit('list');
  }

  /**
   * Those that the server does not list any more are gone, as far as its list goes back.
   * @param {Set<string>} listed @param {string} since @param {Set<string>} before What there was when it was asked.
   */
  keepOnly(listed, since, before) {
    for (const { id, lastActivityAt } of this.all) {
      if (before.has(id) && !listed.has(id) && lastActivityAt >= since) this.remove(id);
    }
  }

  /** A new message or system entry. `false` where the conversation is not known. */
  hear(entry) {
    const known = this.#byId.get(entry.conversationId);
    if (!known) return false;
    if (entry.seq <= known.lastSeq) return true;
    const isMessage = entry.kind === 'message';
    const isOwn = this.isOwn(entry.senderId);
    this.#set({
      ...known, lastSeq: entry.seq, lastMessage: preview(entry),
      lastActivityAt: isMessage ? later(known.lastActivityAt, entry.createdAt) : known.lastActivityAt,
      readSeq: isMessage && isOwn ? entry.seq : known.readSeq,
      unread: !isMessage ? known.unread : isOwn ? 0 : known.unread + 1,
      ...(entry.kind === 'titleChanged' ? { title: entry.data?.title } : {}),
      ...(entry.kind === 'descriptionChanged' ? { description: entry.data?.description } : {}),
    });
    return true;
  }

  /** An edit or a deletion. */
  amend(message) {
    const known = this.#byId.get(message.conversationId);
    if (known?.lastMessage?.seq !== message.seq || !isNewer(message, known.lastMessage)) return;
    this.#set({ ...known, lastMessage: preview(message) });
  }

  // MARK: Reading

  /** How far one has read oneself; `unread` where the server said it. */
  read(id, seq, unread) {
    const known = this.#byId.get(id);
    if (!known) return;
    const left = unread ?? (seq >= known.lastSeq ? 0 : known.unread);
    if (seq <= known.readSeq && left >= known.unread) return;
    this.#set({ ...known, readSeq: Math.max(seq, known.readSeq), unread: Math.min(left, known.unread) });
  }

  /** Somebody else has read. */
  readByOther(id, userId, seq) {
    const reads = this.#reads.get(id) ?? new Map();
    this.#reads.set(id, reads);
    if ((reads.get(userId) ?? 0) >= seq) return;
    reads.set(userId, seq);
    this.emit('reads', id);
  }

  /** How many others are known to have read up to a seq. */
  readers(id, seq) {
    let count = 0;
    for (const reached of this.#reads.get(id)?.values() ?? []) if (reached >= seq) count += 1;
    return count;
  }

  clear() {
    this.#byId.clear();
    this.#reads.clear();
    this.#sorted = null;
    this.emit('list');
  }

  #set(conversation) {
    this.#byId.set(conversation.id, conversation);
    this.#sorted = null;
    this.emit('changed', conversation.id);
    this.emit('list');
  }
}

function preview(entry) {
  return entry.text === undefined ? entry : { ...entry, text: [...entry.text].slice(0, shownLength).join('') };
}

function later(one, other) {
  return one > other ? one : other;
}
