// What one can do with a message.

import { confirm } from '../dom/dialog.js';
import { openMenu } from '../dom/menu.js';
import { notify } from '../dom/notices.js';
import { t } from '../words/words.js';

/**
 * @param {import('../store/types.js').Message} message @param {HTMLElement} anchor
 * @param {import('./conversationView.js').ConversationView} view
 */
export function openMessageMenu(message, anchor, view) {
  const { chat, conversation } = view;
  const isOwn = message.senderId === chat.me.id;
  const items = [{ label: t('reply'), icon: 'reply', act: () => view.reply(message) }];
  if (message.text) items.push({ label: t('copyText'), icon: 'copy', act: () => copy(message.text) });
  if (isOwn) items.push({ label: t('edit'), icon: 'edit', act: () => view.edit(message) });
  if (mayDelete(message, chat.me, conversation)) {
    items.push({ label: t('delete'), icon: 'trash', isDangerous: true, act: () => remove(message, view) });
  }
  // A read mark that comes meanwhile draws the row anew.
  const row = `article[data-seq="${message.seq}"]`;
  openMenu(anchor, items, t('messageActs'), () => document.querySelector(`${row} .message-more`));
}

/** The same as the server's table of rights says. */
export function mayDelete(message, me, conversation) {
  return message.senderId === me.id || me.role === 'admin'
    || (conversation?.kind === 'group' && conversation.role !== 'member');
}

async function remove(message, view) {
  const isSure = await confirm({ title: t('deleteMessage'), text: t('deleteMessageText'), act: t('delete') });
  if (isSure) await view.remove(message);
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    notify(t('copied'));
  } catch {
    // Not allowed, or plain HTTP: there is no other way left that works everywhere.
    notify(t('notCopied'), 'bad');
  }
}
