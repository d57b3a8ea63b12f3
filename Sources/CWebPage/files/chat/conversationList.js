// The list of conversations with its search.

import { avatar } from '../dom/avatar.js';
import { fill, h, icon, iconButton, reconcile } from '../dom/build.js';
import { notify } from '../dom/notices.js';
import { problemText, shortMoment, t } from '../words/words.js';
import { lastLine, partnerOf, signOf, titleOf, typingLine } from './conversationWords.js';
import { searchBox } from './searchBox.js';

const loadAhead = 400;

/** Lives as long as one is signed in. */
export class ConversationList {
  #frame = 0;
  #found = null;
  #current = null;
  #ends = [];

  /** @param {{chat: import('../store/chat.js').Chat, open: (id: string) => void, create: () => void}} parts */
  constructor(parts) {
    Object.assign(this, parts);
    const { chat } = parts;
    this.rows = h('ul', { class: 'row-list' });
    this.people = h('ul', { class: 'row-list' });
    this.state = h('div', {});
    this.scroll = h('div', { class: 'rows' }, this.rows, this.people, this.state);
    this.scroll.addEventListener('scroll', () => this.#scrolled(), { passive: true });
    this.search = searchBox({ label: t('searchChats'), search: (query, signal) => this.#search(query, signal) });
    this.element = h('nav', { class: 'list-pane', 'aria-label': t('chats') },
      h('header', { class: 'pane-head' },
        h('h1', {}, t('chats')), iconButton('plus', t('newChat'), parts.create)),
      this.search, this.scroll);
    const soon = () => this.#soon();
    // Times of the day become days of the week at midnight.
    const clock = setInterval(soon, 60_000);
    this.#ends = [
      chat.conversations.on('list', soon), chat.people.on('named', soon), chat.people.on('presence', soon),
      chat.people.on('typing', soon), () => clearInterval(clock),
    ];
    this.#draw();
  }

  destroy() {
    for (const end of this.#ends) end();
    cancelAnimationFrame(this.#frame);
  }

  /** Which one is open. */
  set current(id) {
    this.#current = id;
    this.#soon();
  }

  #soon() {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.#draw();
    });
  }

  #draw() {
    const { chat } = this;
    const shown = this.#found ? this.#found.conversations : chat.conversations.all;
    reconcile(this.rows, shown, ({ id }) => id, (conversation, element) => this.#row(conversation, element));
    reconcile(this.people, this.#found?.people ?? [], ({ id }) => id, (person, element) => this.#person(person, element));
    this.people.hidden = !this.#found?.people.length;
    fill(this.state, this.#stateOf(shown));
  }

  #stateOf(shown) {
    if (shown.length > 0 || this.#found?.people.length) return null;
    if (this.#found) return h('div', { class: 'empty' }, icon('search'), h('p', {}, t('nothingFound')));
    if (this.chat.hasMoreConversations) return h('div', { class: 'spinner', role: 'img', 'aria-label': t('loading') });
    return h('div', { class: 'empty' }, icon('chats'), h('p', {}, t('noChats')),
      h('button', { type: 'button', class: 'button primary', on: { click: this.create } }, t('newChat')));
  }

  #row(conversation, element) {
    const { chat } = this;
    const [signId, name, sign] = signOf(conversation, chat);
    const presence = chat.people.presence(partnerOf(conversation, chat))?.status;
    const typing = typingLine(chat.people.typing(conversation.id), conversation, chat);
    const line = typing || lastLine(conversation, chat);
    const time = shortMoment(conversation.lastActivityAt);
    const isCurrent = conversation.id === this.#current;
    const state = JSON.stringify([name, presence, line, typing, time, conversation.unread, isCurrent]);
    if (element?.dataset.state === state) return element;
    const row = element ?? h('li', {}, h('a', { href: `#/c/${conversation.id}` }));
    row.dataset.state = state;
    const link = row.firstElementChild;
    link.className = `row ${conversation.unread > 0 ? 'unread' : ''}`;
    if (isCurrent) link.setAttribute('aria-current', 'true'); else link.removeAttribute('aria-current');
    const picture = avatar(signId, name, { sign });
    if (presence && presence !== 'offline') picture.append(h('span', { class: `presence ${presence}` }));
    fill(link, picture, h('span', { class: 'row-words' },
      h('span', { class: 'row-line' },
        h('span', { class: 'row-name one-line' }, name),
        presence && presence !== 'offline' && h('span', { class: 'unseen' }, `, ${t(presence)}`),
        h('time', { datetime: conversation.lastActivityAt }, time)),
      h('span', { class: 'row-line' },
        h('span', { class: `row-last one-line ${typing ? 'typing' : ''}` }, line),
        conversation.unread > 0 && h('span', { class: 'badge' },
          h('span', { 'aria-hidden': 'true' }, conversation.unread > 99 ? '99+' : conversation.unread),
          h('span', { class: 'unseen' }, t('unread', { n: conversation.unread }))))));
    return row;
  }

  #person(person, element) {
    return element ?? h('li', {}, h('button', {
      type: 'button', class: 'row', on: { click: () => this.#openDirect(person) },
    }, avatar(person.id, person.name), h('span', { class: 'row-words' },
      h('span', { class: 'row-name one-line' }, person.name),
      h('span', { class: 'row-last one-line' }, person.email ?? t('writeTo')))));
  }

  async #openDirect(person) {
    try {
      const { id } = await this.chat.acts.create({ kind: 'direct', members: [person.id] });
      this.search.clear();
      this.open(id);
    } catch (error) {
      notify(problemText(error), 'bad');
    }
  }

  // MARK: Search and more

  async #search(query, signal) {
    if (query === '') {
      this.#found = null;
      return this.#draw();
    }
    const { chat } = this;
    const word = query.toLocaleLowerCase();
    const here = chat.conversations.all.filter((each) => titleOf(each, chat).toLocaleLowerCase().includes(word));
    this.#found = { conversations: here, people: this.#found?.people ?? [] };
    this.#draw();
    const ask = (place) => chat.api.get('/api/search', { in: place, query, limit: 20 }, signal);
    try {
      const [conversations, people] = await Promise.all([ask('conversations'), ask('users')]);
      if (signal.aborted) return;
      for (const each of conversations.items) chat.take(each);
      const ids = new Set([...here, ...conversations.items].map(({ id }) => id));
      this.#found = {
        conversations: chat.conversations.all.filter(({ id }) => ids.has(id)),
        people: people.items.filter(({ id }) => id !== chat.me.id),
      };
      this.#draw();
    } catch (error) {
      if (!signal.aborted) notify(problemText(error), 'bad');
    }
  }

  #scrolled() {
    const { scrollTop, clientHeight, scrollHeight } = this.scroll;
    if (this.#found || !this.chat.hasMoreConversations) return;
    if (scrollHeight - scrollTop - clientHeight < loadAhead) this.chat.loadMoreConversations().catch(() => {});
  }
}
