// Which conversations are heard without a gap, and how a gap is closed.

import { Offline, Problem } from '../net/problem.js';

/** Somebody who was away longer than so many entries gets the newest page instead of all that was missed. */
const catchUpMost = 2000;
/** Direct conversations that are open for the sake of presence in the list. */
const watchedMost = 30;

/** What is shown is caught up with; what is only in the list is watched for presence. */
export class CatchingUp {
  /** Conversations of which everything is heard since this connection began. */
  #caughtUp = new Set();
  #watched = new Set();
  #openId = null;

  /** @param {import('./chat.js').Chat} chat */
  constructor(chat) {
    this.chat = chat;
  }

  isComplete(id) { return this.#caughtUp.has(id); }

  forget(id) { this.#caughtUp.delete(id); }

  /** The connection is another one. */
  begin() {
    this.#caughtUp.clear();
    this.#watched.clear();
  }

  /** What was missed meanwhile of what is shown. */
  resume() {
    return this.#openId ? this.#catchUp(this.#openId) : Promise.resolve();
  }

  /** Shows a conversation: what is missing of it is loaded. Throws where that fails. */
  async open(id) {
    const { chat } = this;
    this.#openId = id;
    const timeline = chat.history.timeline(id);
    const details = chat.refresh(id);
    if (timeline.isBlank) await chat.history.loadNewest(id);
    chat.noteReaders(timeline.messages);
    chat.emit('timeline', id);
    await Promise.all([details, this.#catchUp(id)]);
  }

  close() {
    this.#openId = null;
  }

  /** Presence in the list: of direct conversations, and of so many only. */
  watchDirect() {
    const { conversations, people, socket } = this.chat;
    const direct = conversations.all.filter(({ kind }) => kind === 'direct').slice(0, watchedMost);
    for (const { id } of direct) {
      if (this.#watched.has(id) || this.#caughtUp.has(id)) continue;
      this.#watched.add(id);
      socket.call('joinConversation', { conversationId: id })
        .then((answer) => answer.presence.forEach((each) => people.hearPresence(each)), () => {});
    }
  }

  async #catchUp(id) {
    const { socket, history, conversations } = this.chat;
    if (socket.state !== 'connected' || this.#caughtUp.has(id)) return;
    const timeline = history.timeline(id);
    const head = conversations.get(id)?.lastSeq ?? 0;
    const isLate = head - timeline.knownSeq > catchUpMost;
    if (isLate) timeline.reach(head);
    try {
      for (let hasMore = true; hasMore;) {
        const answer = await socket.call('joinConversation', { conversationId: id, after: timeline.knownSeq });
        this.#takeMissed(id, timeline, answer);
        hasMore = answer.hasMore;
      }
      this.#caughtUp.add(id);
      if (isLate) await history.loadNewest(id);
    } catch (error) {
      if (error instanceof Problem && error.status === 404) this.chat.removed(id);
      else if (!(error instanceof Offline)) throw error;
    }
    this.chat.emit('timeline', id);
  }

  #takeMissed(id, timeline, answer) {
    const { chat } = this;
    for (const message of [...answer.messages, ...answer.amended]) {
      if (message.senderId === chat.me.id) chat.outbox.heard(message);
      timeline.hear(message);
      chat.conversations.hear(message);
    }
    timeline.reach(answer.lastSeq);
    chat.noteReaders(answer.messages);
    for (const each of answer.presence) chat.people.hearPresence(each);
    chat.emit('timeline', id);
  }
}
