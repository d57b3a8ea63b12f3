// Everything that the page knows about chats, and what one can do: the only place that speaks with the server about it.

import { ChatSocket } from '../live/socket.js';
import { Offline, Problem } from '../net/problem.js';
import { CatchingUp } from './catchingUp.js';
import { ConversationActs } from './conversationActs.js';
import { Conversations } from './conversations.js';
import { Emitter } from './emitter.js';
import { freshId } from './freshId.js';
import { History } from './history.js';
import { KeptBox } from './keptBox.js';
import { ListLoads } from './listLoads.js';
import { Outbox } from './outbox.js';
import { People } from './people.js';
import { ReadMarks } from './readMarks.js';

const typingEvery = 3000;

/**
 * Tells `connection` (state), `timeline` (conversation), `arrived` (message of somebody else), `removed`
 * (conversation), `ended` (the session, from elsewhere).
 */
export class Chat extends Emitter {
  #typedAt = 0;

  /** @param {import('../net/api.js').Api} api @param {import('../net/sessionKeeper.js').SessionKeeper} keeper */
  constructor(api, keeper) {
    super();
    Object.assign(this, { api, keeper });
    this.conversations = new Conversations((id) => id === keeper.user?.id);
    this.people = new People((id) => api.get(`/api/users/${id}`));
    this.history = new History(api);
    this.box = new KeptBox(keeper.user.id, { local: localStorage, session: sessionStorage, locks: navigator.locks });
    this.outbox = new Outbox((item) => this.#send(item), (message) => this.#sent(message), this.box);
    this.reads = new ReadMarks(this);
    this.acts = new ConversationActs(this);
    this.list = new ListLoads(this);
    this.catching = new CatchingUp(this);
    this.outbox.on('changed', (id) => this.emit('timeline', id));
    let shown;
    this.socket = new ChatSocket({
      token: async (isRefused) => {
        shown = await keeper.token(isRefused ? shown : undefined);
        return shown;
      },
      onState: (state) => this.#stateChanged(state),
      onEvent: (name, data) => this.#hear(name, data),
    });
    this.ends = [keeper.on('changed', () => this.#authenticate())];
  }

  get me() { return this.keeper.user; }

  start() {
    this.people.note(this.me);
    this.box.begin((text) => this.outbox.adopt(text));
    this.socket.start();
    this.#onNetwork = () => this.socket.hurry();
    this.#onNoNetwork = () => this.socket.interrupt();
    addEventListener('online', this.#onNetwork);
    addEventListener('offline', this.#onNoNetwork);
    return this.list.reload().catch(() => {});
  }

  #onNetwork;
  #onNoNetwork;

  stop() {
    for (const end of this.ends) end();
    removeEventListener('online', this.#onNetwork);
    removeEventListener('offline', this.#onNoNetwork);
    this.socket.stop();
    this.box.end();
  }

  // MARK: The connection

  #stateChanged(state) {
    this.outbox.isOpen = state === 'connected';
    this.catching.begin();
    if (state === 'connected') {
      this.#resume();
    } else if (state === 'waiting') {
      this.people.forgetPresence();
    }
    this.emit('connection', state);
  }

  /** Back again: what was missed is asked for, first of what is shown. */
  async #resume() {
    if (document.hidden) this.setAway(true);
    this.reads.sendAgain();
    try {
      await Promise.all([this.catching.resume(), this.list.reload()]);
      this.catching.watchDirect();
    } catch (error) {
      // A connection that is gone again comes back by itself and asks again.
      if (!(error instanceof Offline) && !(error instanceof Problem)) throw error;
    }
  }

  async #authenticate() {
    if (this.socket.state !== 'connected') return;
    try {
      await this.socket.call('authenticate', { token: await this.keeper.token() });
    } catch {
      // The server ends the connection in time, and the next one brings the fresh token.
    }
  }

  setAway(isAway) {
    this.socket.call('presence', { status: isAway ? 'away' : 'online' }).catch(() => {});
  }

  // MARK: What is heard

  #hear(name, data) {
    switch (name) {
      case 'newMessage': return this.#hearEntry(data);
      case 'conversationChanged': return this.#hearChange(data);
      case 'messageEdited':
      case 'messageDeleted': return this.#hearAmendment(data);
      case 'messageRead': return this.#hearRead(data);
      case 'userTyping': return this.people.hearTyping(data);
      case 'presence': return this.people.hearPresence(data);
      case 'tokenExpired': return this.#renew();
      case 'sessionEnded': return data.reason === 'ended' ? this.keeper.end() : undefined;
      default:
    }
  }

  async #renew() {
    // `changed` of the keeper brings the fresh token to the server.
    await this.keeper.token(await this.keeper.token().catch(() => '')).catch(() => {});
  }

  #hearEntry(message) {
    const isNews = (this.conversations.get(message.conversationId)?.lastSeq ?? 0) < message.seq;
    if (message.senderId === this.me.id) this.outbox.heard(message);
    else this.people.stopTyping(message.conversationId, message.senderId);
    this.#intoTimeline(message);
    this.noteReaders([message]);
    if (!this.conversations.hear(message)) this.refresh(message.conversationId);
    if (isNews && message.kind === 'message' && message.senderId !== this.me.id) this.emit('arrived', message);
  }

  #hearChange(entry) {
    const isAboutMe = entry.data?.userId === this.me.id;
    const isGone = entry.kind === 'conversationDeleted'
      || (isAboutMe && ['memberRemoved', 'memberLeft'].includes(entry.kind));
    if (isGone) return this.removed(entry.conversationId);
    this.#intoTimeline(entry);
    this.conversations.hear(entry);
    this.refresh(entry.conversationId);
  }

  #hearAmendment(message) {
    this.conversations.amend(message);
    if (this.history.peek(message.conversationId)?.hear(message)) this.emit('timeline', message.conversationId);
  }

  #hearRead({ conversationId, userId, seq }) {
    if (userId !== this.me.id) return this.conversations.readByOther(conversationId, userId, seq);
    const known = this.conversations.get(conversationId);
    this.conversations.read(conversationId, seq);
    // How much is left unread only the server knows, unless it is nothing.
    if (known && known.unread > 0 && seq < known.lastSeq) this.refresh(conversationId);
  }

  /** Who says something has read what was said before. */
  noteReaders(messages) {
    for (const { kind, senderId, conversationId, seq } of messages) {
      if (kind === 'message' && senderId !== this.me.id) this.conversations.readByOther(conversationId, senderId, seq);
    }
  }

  #intoTimeline(entry) {
    const timeline = this.history.peek(entry.conversationId);
    if (!timeline) return;
    const isChanged = timeline.hear(entry);
    if (this.catching.isComplete(entry.conversationId)) timeline.reach(entry.seq);
    if (isChanged || timeline.hasNewer) this.emit('timeline', entry.conversationId);
  }

  /** It is gone, or one does not belong to it any more. */
  removed(id) {
    this.conversations.remove(id);
    this.history.forget(id);
    this.catching.forget(id);
    this.emit('removed', id);
  }

  // MARK: Conversations

  get hasMoreConversations() { return this.list.hasMore; }

  loadMoreConversations() { return this.list.more(); }

  /** A conversation as a route answered it. */
  take(conversation) { return this.list.take(conversation); }

  refresh(id) { return this.list.refresh(id); }

  watchDirect() { this.catching.watchDirect(); }

  open(id) { return this.catching.open(id); }

  close() { this.catching.close(); }

  // MARK: Talking

  /** @param {{text?: string, files?: import('./types.js').FileInfo[], replyTo?: number}} what */
  send(conversationId, { text, files = [], replyTo }) {
    this.outbox.add({
      clientId: freshId(), conversationId, text, files, replyTo, createdAt: new Date().toISOString(),
    });
  }

  async #send({ conversationId, text, files, replyTo, clientId }) {
    const answer = await this.socket.call('sendMessage', {
      conversationId, clientId, replyTo, text, ...(files.length ? { files: files.map(({ id }) => id) } : {}),
    });
    return answer.message;
  }

  #sent(message) {
    this.#intoTimeline(message);
    if (!this.conversations.hear(message)) this.refresh(message.conversationId);
  }

  async edit(conversationId, seq, text) {
    const message = await this.api.patch(`/api/conversations/${conversationId}/messages/${seq}`, { text });
    this.#hearAmendment(message);
  }

  async remove(conversationId, seq) {
    await this.api.delete(`/api/conversations/${conversationId}/messages/${seq}`);
    const message = this.history.peek(conversationId)?.find(seq);
    if (message) {
      this.#hearAmendment({ ...message, text: undefined, files: [], deletedAt: new Date().toISOString() });
    }
  }

  typing(conversationId) {
    if (Date.now() - this.#typedAt < typingEvery) return;
    this.#typedAt = Date.now();
    this.socket.call('typing', { conversationId }).catch(() => {});
  }
}
