// How far one has read, told to the server.

import { Offline } from '../net/problem.js';

/** Marks count here at once; those that nobody took are sent again when the connection is back. */
export class ReadMarks {
  #unsent = new Map();

  /** @param {import('./chat.js').Chat} chat */
  constructor(chat) {
    this.chat = chat;
  }

  /** @param {string} conversationId @param {number} seq */
  async mark(conversationId, seq) {
    const { conversations, socket } = this.chat;
    const known = conversations.get(conversationId);
    if (!known || seq <= known.readSeq) return;
    conversations.read(conversationId, seq);
    try {
      const { unread } = await socket.call('markRead', { conversationId, seq });
      conversations.read(conversationId, seq, unread);
      if (this.#unsent.get(conversationId) <= seq) this.#unsent.delete(conversationId);
    } catch (error) {
      if (error instanceof Offline) this.#unsent.set(conversationId, seq);
    }
  }

  sendAgain() {
    for (const [conversationId, seq] of this.#unsent) {
      this.chat.socket.call('markRead', { conversationId, seq })
        .then(() => this.#unsent.delete(conversationId), () => {});
    }
  }
}
