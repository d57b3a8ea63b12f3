// Turns messages into the rows of a history: days, the line above what is new, who begins a run. Pure.

/** Messages of one sender that follow each other sooner are drawn as one run. */
const runGap = 5 * 60_000;

/**
 * @typedef {object} Item
 * @property {string} key Stays the same from the moment of sending.
 * @property {'day'|'new'|'system'|'message'|'pending'} kind
 * @property {string} [day] A moment of that day.
 * @property {import('../store/types.js').Message} [message]
 * @property {import('../store/outbox.js').PendingSend} [pending]
 * @property {boolean} [isOwn]
 * @property {boolean} [isFirst] Of a run.
 */

/**
 * @param {import('../store/types.js').Message[]} messages In rising seq.
 * @param {import('../store/outbox.js').PendingSend[]} pending
 * @param {{me: string, newSince: number}} view What is behind `newSince` and not one's own is new; 0: nothing is.
 * @returns {Item[]}
 */
export function itemsOf(messages, pending, { me, newSince }) {
  const items = [];
  let [day, sender, time, isNewShown] = ['', undefined, 0, newSince === 0];
  const begin = (createdAt, senderId) => {
    const at = new Date(createdAt);
    const today = `${at.getFullYear()}-${at.getMonth() + 1}-${at.getDate()}`;
    const isNewDay = today !== day;
    if (isNewDay) items.push({ key: `d${today}`, kind: 'day', day: createdAt });
    const isFirst = isNewDay || senderId !== sender || at - time > runGap;
    [day, sender, time] = [today, senderId, at];
    return isFirst;
  };
  for (const message of messages) {
    const isOwn = message.senderId === me;
    let isFirst = begin(message.createdAt, message.kind === 'message' ? message.senderId : undefined);
    if (!isNewShown && message.seq > newSince && !isOwn && message.kind === 'message') {
      isNewShown = true;
      isFirst = true;
      items.push({ key: 'new', kind: 'new' });
    }
    items.push({
      key: isOwn && message.clientId ? `c${message.clientId}` : `s${message.seq}`,
      kind: message.kind === 'message' ? 'message' : 'system', message, isOwn, isFirst,
    });
  }
  const sent = new Set(items.map(({ key }) => key));
  for (const each of pending) {
    if (sent.has(`c${each.clientId}`)) continue;
    const isFirst = begin(each.createdAt, me);
    items.push({ key: `c${each.clientId}`, kind: 'pending', pending: each, isOwn: true, isFirst });
  }
  return items;
}

/**
 * Whether a row keeps its neighbours when older messages come. The heading of a day does not: it goes up to the first
 * message of that day, and what held on to it would go along.
 */
export function staysInPlace(key) {
  return key.startsWith('s') || key.startsWith('c');
}

/** How high a row will be, roughly, before it was drawn. @param {Item} item */
export function estimatedHeight(item) {
  const content = item.message ?? item.pending;
  if (!content || item.kind === 'system') return 40;
  const text = content.text ?? '';
  const lines = Math.ceil(text.length / 58) + (text.match(/\n/g)?.length ?? 0);
  const files = (content.files ?? []).length * 120;
  return 40 + Math.max(1, lines) * 22 + files + (content.replyTo ? 48 : 0) + (item.isFirst ? 12 : 0);
}
