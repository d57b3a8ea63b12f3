// The frame of the page when one is signed in: rail, list, main and side, filled by what the address names.

import { adminMenu, adminPage, adminTabs } from '../admin/adminPage.js';
import { settingsPage } from '../account/settingsPage.js';
import { ConversationList } from '../chat/conversationList.js';
import { ConversationView } from '../chat/conversationView.js';
import { infoPanel } from '../chat/infoPanel.js';
import { newConversation } from '../chat/newConversation.js';
import { supportQueue } from '../chat/supportQueue.js';
import { fill, h, icon, iconButton } from '../dom/build.js';
import { closeMenu } from '../dom/menu.js';
import { notify } from '../dom/notices.js';
import { t } from '../words/words.js';
import { connectionBanner } from './banner.js';
import { go, routeOf } from './router.js';

const staff = ['admin', 'agent'];

/** Lives as long as one is signed in, or until the language changes. */
export class Frame {
  #shown = { destroy() {} };
  #side = null;
  #ends = [];
  #isBegun = false;
  #railState = '';

  /**
   * @param {{chat: any, api: any, keeper: any, links: any, trays: any, notifications: any, signOut: () => void,
   *   redraw: () => void}} parts
   */
  constructor(parts) {
    this.parts = parts;
    const { chat } = parts;
    this.banner = connectionBanner(chat);
    this.list = new ConversationList({ chat, open: openChat, create: () => newConversation(chat, openChat) });
    this.rail = h('nav', { class: 'rail', 'aria-label': t('mainMenu') });
    this.main = h('main', { class: 'main', id: 'main', tabindex: '-1' });
    this.element = h('div', { class: 'app' },
      h('a', { class: 'skip', href: '#main', on: { click: (event) => this.#skip(event) } }, t('skip')),
      this.banner.element, this.rail, this.list.element, this.main);
    const follow = () => this.#route();
    const keys = (event) => this.#key(event);
    addEventListener('hashchange', follow);
    addEventListener('keydown', keys);
    this.#ends = [
      () => removeEventListener('hashchange', follow), () => removeEventListener('keydown', keys),
      chat.on('removed', (id) => this.#removed(id)),
      chat.conversations.on('list', () => this.#drawUnread()),
      parts.keeper.on('changed', () => this.#drawRail()),
    ];
    this.#route();
  }

  destroy() {
    for (const end of this.#ends) end();
    this.#closeSide();
    this.#shown.destroy();
    this.list.destroy();
    this.banner.destroy();
  }

  #route() {
    closeMenu();
    const route = routeOf(location.hash);
    const { user } = this.parts.keeper;
    const isAllowed = (route.page !== 'admin' || user.role === 'admin')
      && (route.page !== 'support' || staff.includes(user.role));
    this.route = isAllowed ? route : { page: 'chats' };
    this.#closeSide();
    this.#shown.destroy();
    this.#shown = this.#show(this.route);
    this.element.dataset.page = this.route.page;
    this.element.dataset.shows = this.#isListShown ? 'list' : 'main';
    this.#drawRail();
    // Who came here by a link of the rail goes on with what it led to.
    if (this.#isBegun && this.route.page !== 'chats') this.main.focus({ preventScroll: true });
    this.#isBegun = true;
  }

  /** On a phone there is room for one: the list, or what was chosen in it. */
  get #isListShown() {
    return this.route.page === 'chats' && !this.route.id;
  }

  #show({ page, id, item }) {
    const { parts } = this;
    this.list.current = page === 'chats' ? id : null;
    this.#putList(page === 'admin' ? adminMenu(id) : this.list.element);
    switch (page) {
      case 'settings': return this.#page(t('settings'), settingsPage(parts));
      case 'admin': return this.#page(t(`admin.${id}`), adminPage(parts, id, item));
      case 'support': return this.#page(t('supportQueue'), supportQueue(parts.chat, openChat));
      default: return id ? this.#conversation(id) : this.#nothing();
    }
  }

  #putList(element) {
    const present = this.element.querySelector('.list-pane');
    if (present !== element) present.replaceWith(element);
  }

  #conversation(id) {
    const view = new ConversationView(this.parts, id, {
      back: () => go('/'), toggleInfo: () => (this.#side ? this.#closeSide() : this.#openSide(id)),
    });
    fill(this.main, view.element);
    return view;
  }

  #page(title, page) {
    fill(this.main,
      h('header', { class: 'pane-head' },
        iconButton('back', t('back'), () => go('/'), { class: 'back-only' }), h('h2', {}, title)),
      this.route.page === 'admin' && adminTabs(this.route.id),
      h('div', { class: 'pane-body' }, page.element));
    return page;
  }

  #nothing() {
    fill(this.main, h('div', { class: 'empty middle' }, icon('chats'), h('p', {}, t('chooseChat'))));
    return { destroy() {} };
  }

  // MARK: Rail

  #drawRail() {
    const { role } = this.parts.keeper.user;
    const isChats = this.route.page === 'chats';
    const state = `${role} ${this.route.page}`;
    if (state === this.#railState) return;
    this.#railState = state;
    const focused = this.rail.contains(document.activeElement) ? document.activeElement.getAttribute('href') : null;
    this.unread = h('span', { class: 'badge', hidden: true });
    fill(this.rail,
      railLink('#/', 'chats', t('chats'), isChats, this.unread),
      staff.includes(role) && railLink('#/support', 'support', t('supportQueueShort'), this.route.page === 'support'),
      role === 'admin' && railLink('#/admin/users', 'shield', t('admin'), this.route.page === 'admin'),
      h('span', { class: 'space' }),
      railLink('#/settings', 'settings', t('settings'), this.route.page === 'settings'));
    this.#drawUnread();
    if (focused) this.rail.querySelector(`[href="${focused}"]`)?.focus();
  }

  #drawUnread() {
    const { unread } = this.parts.chat.conversations;
    this.unread.hidden = unread === 0;
    fill(this.unread, h('span', { 'aria-hidden': 'true' }, unread > 99 ? '99+' : unread),
      h('span', { class: 'unseen' }, t('unread', { n: unread })));
  }

  // MARK: Side

  #openSide(id) {
    this.#side = infoPanel(this.parts.chat, id, () => this.#closeSide());
    this.element.append(this.#side.element);
    this.element.classList.add('with-side');
    this.#side.element.querySelector('button')?.focus();
  }

  #closeSide() {
    if (!this.#side) return;
    const hadFocus = this.#side.element.contains(document.activeElement);
    this.#side.destroy();
    this.#side.element.remove();
    this.#side = null;
    this.element.classList.remove('with-side');
    if (hadFocus) this.main.querySelector('.pane-head button:last-child')?.focus();
  }

  // MARK: What happens

  #removed(id) {
    if (this.route.page !== 'chats' || this.route.id !== id) return;
    go('/');
    notify(t('conversationGone'));
  }

  #key(event) {
    if (event.key === 'Escape' && this.#side && !event.defaultPrevented && !document.querySelector('dialog[open]')) {
      this.#closeSide();
    }
    if (event.key === 'k' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      this.list.element.querySelector('input')?.focus();
    }
  }

  #skip(event) {
    event.preventDefault();
    (this.main.querySelector('textarea') ?? this.main).focus();
  }
}

function railLink(href, sign, label, isCurrent, more = null) {
  return h('a', { href, 'aria-current': isCurrent ? 'page' : undefined }, icon(sign), h('span', {}, label), more);
}

function openChat(id) {
  go(`/c/${id}`);
}
