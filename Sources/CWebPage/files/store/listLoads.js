// Brings conversations from the server into what the page knows.

import { Problem } from '../net/problem.js';

const listPage = 50;

/** The list a page at a time, and single conversations with all their members. */
export class ListLoads {
  #next = null;
  #load = null;
  hasMore = true;

  /** @param {import('./chat.js').Chat} chat */
  constructor(chat) {
    this.chat = chat;
  }

  /** The beginning of the list as it is now; what is not there any more is forgotten. */
  async reload() {
    const { api, conversations } = this.chat;
    const before = new Set(conversations.all.map(({ id }) => id));
    const page = await api.get('/api/conversations', { limit: listPage });
    this.#takeAll(page);
    const oldest = page.next === null ? '' : page.items.at(-1)?.lastActivityAt ?? '';
    conversations.keepOnly(new Set(page.items.map(({ id }) => id)), oldest, before);
    this.#next ??= page.next;
    if (page.next === null) this.hasMore = false;
  }

  more() {
    if (!this.#next) return Promise.resolve();
    this.#load ??= this.chat.api.get('/api/conversations', { limit: listPage, cursor: this.#next })
      .then((page) => {
        this.#next = page.next;
        this.hasMore = page.next !== null;
        this.#takeAll(page);
      })
      .finally(() => { this.#load = null; });
    return this.#load;
  }

  #takeAll(page) {
    for (const conversation of page.items) this.take(conversation);
  }

  /** A conversation as a route answered it. */
  take(conversation) {
    const { conversations, people, me } = this.chat;
    conversations.put(conversation);
    for (const member of conversation.members) {
      people.note(member);
      if (member.readSeq > 0 && member.id !== me.id) {
        conversations.readByOther(conversation.id, member.id, member.readSeq);
      }
    }
    return conversation;
  }

  /** One conversation as it is now, with all members. */
  async refresh(id) {
    try {
      return this.take(await this.chat.api.get(`/api/conversations/${id}`));
    } catch (error) {
      if (error instanceof Problem && [403, 404].includes(error.status)) this.chat.removed(id);
      return undefined;
    }
  }
}
