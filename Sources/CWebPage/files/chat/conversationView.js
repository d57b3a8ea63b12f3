// One open conversation: its head, its history, and where one writes.

import { fill, h } from '../dom/build.js';
import { notify, say } from '../dom/notices.js';
import { openViewer } from '../files/viewer.js';
import { isPicture } from '../files/attachments.js';
import { Problem } from '../net/problem.js';
import { problemText, t } from '../words/words.js';
import { Composer } from './composer.js';
import { ConversationHead } from './conversationHead.js';
import { bodyLine, nameOf, titleOf, typingLine } from './conversationWords.js';
import { HistoryView } from './historyView.js';
import { itemsOf } from './items.js';
import { drawRow, signature } from './messageRow.js';
import { openMessageMenu } from './messageMenu.js';
import { Quotes } from './quotes.js';
import { Seen } from './seen.js';

/** Lives as long as the conversation is shown. */
export class ConversationView {
  #ends = [];
  #newSince = 0;
  #frame = 0;
  #isOver = false;
  #isShown = false;

  /**
   * @param {{chat: import('../store/chat.js').Chat, links: any, uploader: any}} parts
   * @param {string} id @param {{back: () => void, toggleInfo: () => void}} acts
   */
  constructor(parts, id, acts) {
    Object.assign(this, parts, { id, acts });
    const { chat } = parts;
    this.head = new ConversationHead(chat, acts);
    this.typing = h('div', { class: 'typing-line one-line', 'aria-live': 'off' });
    this.quotes = new Quotes({
      find: (seq) => this.#timeline.find(seq), load: (seq) => chat.history.message(id, seq), onFound: () => this.#soon(),
    });
    this.seen = new Seen((seq) => chat.reads.mark(id, seq));
    this.history = new HistoryView(this.#historyOwner());
    this.composer = new Composer({
      id, chat, trays: parts.trays, newest: () => this.#newestOwn(),
      onSent: () => this.#toEnd(), quotedName: (message) => nameOf(message.senderId, chat),
    });
    this.foot = h('div', {});
    this.element = h('section', { class: 'conversation', 'aria-label': t('conversation') },
      this.head.element, this.history.element, this.typing, this.foot);
    this.composer.takeDropsOf(this.element);
    this.#listen();
    this.#drawHead();
    // As soon as it is in the document: rows have no heights before.
    queueMicrotask(() => {
      if (this.#isOver) return;
      this.#takeFocus();
      this.#open();
    });
  }

  destroy() {
    this.#isOver = true;
    for (const end of this.#ends) end();
    cancelAnimationFrame(this.#frame);
    this.seen.stop();
    this.history.destroy();
    this.composer.destroy();
    this.chat.close();
  }

  get conversation() { return this.chat.conversations.get(this.id); }
  get #timeline() { return this.chat.history.timeline(this.id); }

  #listen() {
    const { chat } = this;
    const mine = (id) => { if (id === this.id) this.#soon(); };
    const onVisible = () => this.seen.look();
    this.#ends = [
      chat.on('timeline', mine),
      chat.conversations.on('changed', mine),
      chat.conversations.on('reads', mine),
      chat.people.on('named', () => this.#soon()),
      chat.people.on('presence', () => this.#drawHead()),
      chat.people.on('typing', (id) => { if (id === this.id) this.#drawTyping(); }),
      chat.on('arrived', (message) => this.#speak(message)),
      listen(document, 'visibilitychange', onVisible),
      listen(window, 'focus', onVisible),
    ];
  }

  async #open() {
    const { chat, id } = this;
    const known = this.conversation;
    this.#newSince = known && known.unread > 0 ? Math.max(known.readSeq, 0.5) : 0;
    if (this.#timeline.messages.length > 0) this.#showFirst();
    try {
      await chat.open(id);
    } catch (error) {
      if (!this.#isOver) notify(problemText(error), 'bad');
      return;
    }
    if (this.#isOver) return;
    if (!known && this.conversation?.unread > 0) this.#newSince = Math.max(this.conversation.readSeq, 0.5);
    this.#showFirst();
  }

  /** The first time it begins at what is new, else at the end. */
  #showFirst() {
    this.history.update();
    this.history.keys.ensureReachable();
    if (this.#isShown) return;
    this.#isShown = true;
    if (!this.history.show('new')) this.history.showEnd();
    this.#drawHead();
    this.#takeFocus();
  }

  /** Who has a keyboard goes on by writing; on a touch screen the keyboard would cover what is to be read. */
  #takeFocus() {
    const isElsewhere = document.activeElement?.closest('dialog, .search-box, .side, .main');
    if (matchMedia('(hover: hover)').matches && !isElsewhere) this.composer.focus();
  }

  #soon() {
    if (this.#frame !== 0 || this.#isOver) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      if (this.#isOver) return;
      this.#drawHead();
      this.history.update();
      this.history.keys.ensureReachable();
    });
  }

  // MARK: Head and foot

  #drawHead() {
    const { conversation } = this;
    if (!conversation) return;
    this.head.draw(conversation);
    this.element.classList.toggle('direct', conversation.kind === 'direct');
    if (!this.composer.element.isConnected) fill(this.foot, this.composer.element);
  }

  #drawTyping() {
    if (!this.conversation) return;
    this.typing.textContent = typingLine(this.chat.people.typing(this.id), this.conversation, this.chat);
  }

  #speak(message) {
    if (message.conversationId !== this.id || document.hidden) return;
    say(`${nameOf(message.senderId, this.chat)}: ${bodyLine(message)}`);
  }

  // MARK: History

  #historyOwner() {
    const { chat, id } = this;
    const context = {
      chat, links: this.links,
      quoted: (seq) => this.quotes.get(seq),
      openMenu: (message, anchor) => openMessageMenu(message, anchor, this),
      reveal: (seq) => this.reveal(seq),
      view: (message, file) => this.#view(file),
      retry: (clientId) => chat.outbox.retry(clientId),
      discard: (clientId) => chat.outbox.discard(clientId),
    };
    Object.defineProperty(context, 'conversation', { get: () => this.conversation ?? { id, kind: 'direct' } });
    return {
      items: () => itemsOf(this.#timeline.messages, this.#timeline.hasNewer ? [] : chat.outbox.of(id),
        { me: chat.me.id, newSince: this.#newSince }),
      draw: (item, element) => drawRow(item, context, element),
      signature: (item) => signature(item, context),
      isAtStart: () => !this.#timeline.hasOlder,
      // Before the first page came there may be rows as well: what waits to be sent.
      hasOlder: () => this.#timeline.hasOlder && !this.#timeline.isBlank,
      hasNewer: () => this.#timeline.hasNewer,
      loadOlder: () => this.#load(() => chat.history.loadOlder(id)),
      loadNewer: () => this.#load(() => chat.history.loadNewer(id)),
      toEnd: () => this.#toEnd(),
      onSeen: (item, isAtEnd) => {
        if (this.#isShown) this.seen.note(isAtEnd ? this.#timeline.high : item?.message?.seq ?? 0);
      },
      onEnd: (isAtEnd) => { this.history.unreadBelow = isAtEnd ? 0 : this.conversation?.unread ?? 0; },
    };
  }

  async #load(load) {
    try {
      await load();
    } catch {
      // The next scroll asks again; without a pause it would ask at once.
      await new Promise((resolve) => setTimeout(resolve, 1500));
    }
  }

  async #toEnd() {
    if (this.#timeline.hasNewer) {
      await this.#load(() => this.chat.history.loadNewest(this.id));
      this.history.update();
    }
    this.history.showEnd();
  }

  /** Scrolls to a message, loading what is around it. */
  async reveal(seq) {
    let message = this.#timeline.find(seq);
    if (!message) {
      await this.#load(() => this.chat.history.loadAround(this.id, seq));
      if (this.#isOver) return;
      this.history.update();
      message = this.#timeline.find(seq);
    }
    if (!message) return notify(t('notFound'));
    const isOwn = message.senderId === this.chat.me.id;
    const key = isOwn && message.clientId ? `c${message.clientId}` : `s${seq}`;
    if (this.history.show(key)) this.history.mark(key);
  }

  #newestOwn() {
    return this.#timeline.messages.findLast(
      (message) => message.senderId === this.chat.me.id && message.kind === 'message' && !message.deletedAt);
  }

  #view(file) {
    const files = this.#timeline.messages.filter(({ deletedAt }) => !deletedAt)
      .flatMap((message) => message.files.filter(isPicture));
    openViewer(files, file, this.links);
  }

  // MARK: Acts on messages

  reply(message) { this.composer.reply(message); }
  edit(message) { this.composer.edit(message); }

  async remove(message) {
    try {
      await this.chat.remove(this.id, message.seq);
    } catch (error) {
      notify(error instanceof Problem && error.status === 403 ? t('notAllowed') : problemText(error), 'bad');
    }
  }

  /** For whom the title is asked. */
  get title() {
    return this.conversation ? titleOf(this.conversation, this.chat) : t('conversation');
  }
}

function listen(target, event, act) {
  target.addEventListener(event, act);
  return () => target.removeEventListener(event, act);
}
