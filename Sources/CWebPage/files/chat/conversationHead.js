// The head of an open conversation: who it is with, how that one is, and what one can do.

import { avatar } from '../dom/avatar.js';
import { fill, h, iconButton } from '../dom/build.js';
import { ago, t } from '../words/words.js';
import { signOf, statusLine } from './conversationWords.js';
import { supportActs } from './supportQueue.js';

/** Drawn anew only where something in it changed, so that the focus stays where it is. */
export class ConversationHead {
  #state = '';

  /** @param {import('../store/chat.js').Chat} chat @param {{back: () => void, toggleInfo: () => void}} acts */
  constructor(chat, acts) {
    Object.assign(this, { chat, acts });
    this.element = h('header', { class: 'pane-head' });
  }

  /** @param {import('../store/types.js').Conversation} conversation */
  draw(conversation) {
    const { chat, acts, element } = this;
    const [signId, name, sign] = signOf(conversation, chat);
    const status = statusLine(conversation, chat, ago);
    const state = JSON.stringify([name, status, sign, conversation.support]);
    if (this.#state === state) return;
    this.#state = state;
    const hadFocus = element.contains(document.activeElement) ? document.activeElement.getAttribute('aria-label') : null;
    fill(element,
      iconButton('back', t('back'), acts.back, { class: 'back-only' }),
      avatar(signId, name, { size: 'small', sign }),
      h('div', { class: 'row-words' },
        h('h2', { class: 'one-line' }, name),
        h('p', { class: 'soft small-text one-line' }, status)),
      supportActs(conversation, chat),
      iconButton('info', t('details'), acts.toggleInfo));
    if (hadFocus) element.querySelector(`[aria-label="${CSS.escape(hadFocus)}"]`)?.focus();
  }
}
