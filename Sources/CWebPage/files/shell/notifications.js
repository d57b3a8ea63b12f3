// Tells of messages while nobody looks: the browser's notifications, and the number in the title.

import { bodyLine, nameOf, titleOf } from '../chat/conversationWords.js';
import { notify } from '../dom/notices.js';
import { t } from '../words/words.js';

const key = 'chat.notifications';

export class Notifications {
  #ends = [];

  /** @param {(id: string) => void} open */
  constructor(open) {
    this.open = open;
  }

  get isPossible() { return 'Notification' in window && isSecureContext; }
  get isOn() { return this.isPossible && Notification.permission === 'granted' && localStorage.getItem(key) === 'on'; }

  /** Whether they are on then. */
  async turn(isWanted) {
    const isAllowed = isWanted && (await Notification.requestPermission()) === 'granted';
    localStorage.setItem(key, isAllowed ? 'on' : 'off');
    if (isWanted && !isAllowed) notify(t('notAllowedByBrowser'), 'bad');
    return isAllowed;
  }

  /** @param {import('../store/chat.js').Chat} chat */
  follow(chat) {
    const retitle = () => {
      const { unread } = chat.conversations;
      document.title = unread > 0 ? `(${unread}) ${t('product')}` : t('product');
    };
    const holdLook = () => this.#holdLook();
    document.addEventListener('visibilitychange', holdLook);
    holdLook();
    retitle();
    this.#ends = [
      chat.conversations.on('list', retitle),
      chat.on('arrived', (message) => this.#arrived(message, chat)),
      () => document.removeEventListener('visibilitychange', holdLook),
    ];
  }

  stop() {
    for (const end of this.#ends) end();
    this.#letGo?.();
  }

  async #arrived(message, chat) {
    if (!this.isOn || !document.hidden || (await isAnyTabSeen())) return;
    const conversation = chat.conversations.get(message.conversationId);
    const title = conversation ? titleOf(conversation, chat) : t('product');
    const name = conversation?.kind === 'direct' ? '' : `${nameOf(message.senderId, chat)}: `;
    // The tag lets several tabs, and several messages, show one.
    const shown = new Notification(title, { body: name + bodyLine(message), tag: message.conversationId, renotify: true });
    shown.onclick = () => {
      focus();
      this.open(message.conversationId);
      shown.close();
    };
  }

  #letGo = null;

  /** A tab that is seen holds a lock that others can look at. */
  #holdLook() {
    this.#letGo?.();
    this.#letGo = null;
    if (document.hidden || !navigator.locks) return;
    navigator.locks.request('chat.seen', { mode: 'shared' }, () => new Promise((resolve) => { this.#letGo = resolve; }));
  }
}

async function isAnyTabSeen() {
  const { held } = (await navigator.locks?.query()) ?? { held: [] };
  return held.some(({ name }) => name === 'chat.seen');
}
