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
  let [dayStart, dayEnd, sender, time, isNewShown] = [0, 0, undefined, 0, newSince === 0];
  const begin = (said, senderId) => {
    const at = timeOf(said);
    // Within a day no date is made, which takes much longer than to compare.
    const isNewDay = at < dayStart || at >= dayEnd;
    if (isNewDay) {
      const date = new Date(at);
      const [year, month, day] = [date.getFullYear(), date.getMonth(), date.getDate()];
      [dayStart, dayEnd] = [new Date(year, month, day).getTime(), new Date(year, month, day + 1).getTime()];
      items.push({ key: `d${year}-${month + 1}-${day}`, kind: 'day', day: said.createdAt });
    }
    const isFirst = isNewDay || senderId !== sender || at - time > runGap;
    [sender, time] = [senderId, at];
    return isFirst;
  };
  for (const message of messages) {
    const isOwn = message.senderId === me;
    let isFirst = begin(message, message.kind === 'message' ? message.senderId : undefined);
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
    const isFirst = begin(each, me);
    items.push({ key: `c${each.clientId}`, kind: 'pending', pending: each, isOwn: true, isFirst });
  }
  return items;
}

/** When it was said, in milliseconds since 1970; read once, as reading thousands of times takes a frame. */
function timeOf(said) {
  let time = times.get(said);
  if (time === undefined) times.set(said, time = Date.parse(said.createdAt));
  return time;
}

/** @type {WeakMap<object, number>} */
const times = new WeakMap();

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
