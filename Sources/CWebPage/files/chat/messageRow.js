// Draws the rows of a history.

import { avatar } from '../dom/avatar.js';
import { fill, h, icon, iconButton } from '../dom/build.js';
import { attachments } from '../files/attachments.js';
import { clockTime, dayName, t, wholeTime } from '../words/words.js';
import { bodyLine, nameOf, systemText } from './conversationWords.js';
import { richText } from './richText.js';

/**
 * @typedef {object} RowContext What rows need to know, and what one can do with them.
 * @property {import('../store/chat.js').Chat} chat
 * @property {import('../store/types.js').Conversation} conversation
 * @property {import('../files/links.js').FileLinks} links
 * @property {(seq: number) => import('../store/types.js').Message | null | undefined} quoted `undefined` while it is
 *   looked for.
 * @property {(message: import('../store/types.js').Message, anchor: HTMLElement) => void} openMenu
 * @property {(seq: number) => void} reveal
 * @property {(message: any, file: import('../store/types.js').FileInfo) => void} view
 * @property {(clientId: string) => void} retry
 * @property {(clientId: string) => void} discard
 */

/** What a row shows, as a text: another text, another drawing. @param {import('./items.js').Item} item */
export function signature(item, context) {
  const { message, pending, isFirst } = item;
  const { chat } = context;
  if (pending) return `p ${isFirst} ${pending.state} ${pending.problem?.status}`;
  if (!message) return `${item.kind} ${item.day ? dayName(item.day) : ''}`;
  if (item.kind === 'system') return systemText(message, chat);
  const quoted = message.replyTo === undefined ? null : context.quoted(message.replyTo);
  const quote = quoted === undefined ? '…' : `${quoted?.editedAt}${quoted?.deletedAt}${nameOf(quoted?.senderId, chat)}`;
  const files = message.files.map(({ id }) => id).join(' ');
  const name = isFirst && showsAuthor(item, context) ? nameOf(message.senderId, chat) : '';
  return [message.seq, message.editedAt, message.deletedAt, isFirst, receipt(item, context), quote, files, name].join('|');
}

/** @param {import('./items.js').Item} item @param {RowContext} context */
export function drawRow(item, context, element = h('div', { class: 'item' })) {
  switch (item.kind) {
    case 'day': return fill(element, h('div', { class: 'day' }, h('span', {}, dayName(item.day))));
    case 'new': return fill(element, h('div', { class: 'new-line' }, t('newMessages')));
    case 'system': return fill(element, article(item, context, 'system', systemText(item.message, context.chat)));
    default: return fill(element, drawMessage(item, context));
  }
}

function drawMessage(item, context) {
  const { message, pending, isOwn, isFirst } = item;
  const content = message ?? pending;
  const isAuthorShown = isFirst && showsAuthor(item, context);
  const bubble = h('div', { class: 'bubble' },
    isAuthorShown && h('div', { class: 'author one-line' }, nameOf(content.senderId, context.chat)),
    content.replyTo !== undefined && !content.deletedAt && quote(content.replyTo, context),
    !content.deletedAt && attachments(content, context),
    body(content),
    foot(item, context),
    pending?.state === 'failed' && failure(pending, context));
  const look = `message ${isOwn ? 'own' : ''} ${isFirst ? 'first' : ''} ${pending?.state ?? ''}`;
  return article(item, context, look, [
    isOwn ? null : isFirst ? avatar(content.senderId, nameOf(content.senderId, context.chat), { size: 'small' })
      : h('span', { class: 'no-avatar' }),
    bubble,
    message && !message.deletedAt && iconButton('more', t('messageActs'), (event) => {
      context.openMenu(message, event.currentTarget);
    }, { class: 'message-more', tabindex: '-1', 'aria-haspopup': 'menu' }),
  ]);
}

/** What a screen reader reads first is who, then what, then when. */
function article({ message, pending, isOwn }, { chat }, look, children) {
  const content = message ?? pending;
  const isSystem = content.kind !== undefined && content.kind !== 'message';
  const who = isSystem ? '' : isOwn ? t('you') : nameOf(content.senderId, chat);
  const said = isSystem ? systemText(content, chat) : bodyLine(content);
  return h('article', {
    class: look, tabindex: '-1', 'aria-label': [who, said, clockTime(content.createdAt)].filter(Boolean).join(', '),
    'data-seq': message?.seq,
  }, children);
}

function showsAuthor({ isOwn }, { conversation }) {
  return !isOwn && conversation.kind !== 'direct';
}

function body(content) {
  if (content.deletedAt) return h('span', { class: 'text gone' }, t('deleted'));
  return content.text ? h('span', { class: 'text', dir: 'auto' }, richText(content.text)) : null;
}

/** Two lines always, so that nothing moves when it is found. */
function quote(seq, context) {
  const quoted = context.quoted(seq);
  const [name, line] = quoted ? [nameOf(quoted.senderId, context.chat), bodyLine(quoted)]
    : [t('reply'), quoted === null ? t('notFound') : '…'];
  return h('button', {
    type: 'button', class: 'quote', tabindex: '-1', 'aria-label': t('showQuoted', { name, text: line }),
    on: { click: () => context.reveal(seq) },
  }, h('strong', { class: 'one-line' }, name), h('span', { class: 'one-line' }, line));
}

function foot(item, context) {
  const { message, pending, isOwn } = item;
  const { createdAt, editedAt } = message ?? pending;
  return h('span', { class: 'foot' },
    editedAt && !message.deletedAt && h('span', { title: wholeTime(editedAt) }, t('edited')),
    h('time', { datetime: createdAt, title: wholeTime(createdAt) }, clockTime(createdAt)),
    isOwn && receiptSign(receipt(item, context)));
}

/** @returns {''|'waiting'|'failed'|'sent'|'read'} */
function receipt({ message, pending, isOwn }, { chat, conversation }) {
  if (!isOwn) return '';
  if (pending) return pending.state === 'failed' ? 'failed' : 'waiting';
  return chat.conversations.readers(conversation.id, message.seq) > 0 ? 'read' : 'sent';
}

function receiptSign(state) {
  const drawing = { waiting: 'clock', failed: 'warning', sent: 'check', read: 'checks' }[state];
  return h('span', { class: state, role: 'img', 'aria-label': t(`receipt.${state}`) }, icon(drawing));
}

function failure(pending, context) {
  return h('div', { class: 'failure', role: 'alert' },
    h('span', {}, t(pending.problem?.status === 403 || pending.problem?.status === 404 ? 'notAllowed' : 'notSent')),
    h('button', { type: 'button', on: { click: () => context.retry(pending.clientId) } }, t('sendAgain')),
    h('button', { type: 'button', on: { click: () => context.discard(pending.clientId) } }, t('discard')));
}
