// How conversations and entries are called: titles, last lines, what changed.

import { t } from '../words/words.js';

/** @typedef {{me: {id: string}, people: import('../store/people.js').People}} Known */

/** The title, or whom it is with. @param {import('../store/types.js').Conversation} conversation @param {Known} known */
export function titleOf(conversation, known) {
  if (conversation.kind === 'support' && conversation.support?.customerId !== known.me.id) {
    const customer = known.people.name(conversation.support?.customerId) || t('someone');
    return conversation.title ? `${customer} · ${conversation.title}` : customer;
  }
  if (conversation.title) return conversation.title;
  if (conversation.kind === 'support') return t('support');
  const others = othersOf(conversation, known);
  if (others.length === 0) return conversation.kind === 'direct' ? t('someone') : t('group');
  return others.map(({ id, name }) => name || known.people.name(id) || t('someone')).join(', ');
}

/** @returns {import('../store/types.js').Member[]} */
export function othersOf(conversation, known) {
  return conversation.members.filter(({ id }) => id !== known.me.id);
}

/** Whose presence a row shows: the other one of a direct conversation. */
export function partnerOf(conversation, known) {
  return conversation.kind === 'direct' ? othersOf(conversation, known)[0]?.id : undefined;
}

/** What the sign of a conversation shows: `[id, name, drawing]`. */
export function signOf(conversation, known) {
  const title = titleOf(conversation, known);
  if (conversation.kind === 'group') return [conversation.id, title, 'people'];
  if (conversation.kind === 'support') return [conversation.id, title, 'support'];
  return [partnerOf(conversation, known) ?? conversation.id, title, undefined];
}

/** One line about the newest entry. */
export function lastLine(conversation, known) {
  const last = conversation.lastMessage;
  if (!last) return t('nothingSaid');
  if (last.kind !== 'message') return systemText(last, known);
  const text = bodyLine(last);
  if (last.senderId === known.me.id) return t('youSaid', { text });
  if (conversation.kind !== 'direct') return t('otherSaid', { name: nameOf(last.senderId, known), text });
  return text;
}

/** A message in one line. */
export function bodyLine(message) {
  if (message.deletedAt) return t('deleted');
  if (message.text) return message.text.replace(/\s+/gu, ' ').trim();
  const files = message.files ?? [];
  return files.length === 1 ? files[0].name : t('files', { n: files.length });
}

export function nameOf(id, known) {
  if (id === known.me.id) return t('you');
  return known.people.name(id) || t('someone');
}

/** A system entry as a sentence; of kinds that the page does not know, the kind. */
export function systemText(entry, known) {
  const actor = nameOf(entry.senderId, known);
  const person = entry.data?.userId ? nameOf(entry.data.userId, known) : '';
  const given = { actor, person, title: entry.data?.title ?? '' };
  switch (entry.kind) {
    case 'titleChanged': return t(entry.data?.title ? 'system.titleChanged' : 'system.titleRemoved', given);
    case 'roleChanged': return t(`system.role.${entry.data?.role ?? 'member'}`, given);
    case 'supportTaken': return t('system.supportTaken', { actor: nameOf(entry.data?.agentId ?? entry.senderId, known) });
    case 'supportHandedOver': return entry.data?.agentId
      ? t('system.supportHandedOver', { actor, person: nameOf(entry.data.agentId, known) })
      : t('system.supportReturned', given);
    case 'memberAdded': case 'memberRemoved': case 'memberLeft': case 'descriptionChanged':
    case 'conversationDeleted': case 'supportClosed': case 'supportReopened':
      return t(`system.${entry.kind}`, given);
    default: return entry.kind;
  }
}

/** What stands below the title of an open conversation. */
export function statusLine(conversation, known, ago) {
  if (conversation.kind === 'support') return t(`support.${conversation.support?.status ?? 'waiting'}`);
  if (conversation.kind === 'direct') {
    const presence = known.people.presence(partnerOf(conversation, known));
    if (!presence) return '';
    if (presence.status !== 'offline') return t(presence.status);
    return presence.lastSeenAt ? t('lastSeen', { ago: ago(presence.lastSeenAt) }) : t('offline');
  }
  const online = known.people.online(conversation.id)
    ?? conversation.members.filter(({ id }) => known.people.presence(id)?.status === 'online').length;
  const members = t('members', { n: conversation.memberCount });
  return online > 1 ? `${members}, ${t('onlineCount', { n: online })}` : members;
}

/** Who types, in words. */
export function typingLine(ids, conversation, known) {
  if (ids.length === 0) return '';
  if (conversation.kind === 'direct') return t('typing');
  const names = ids.slice(0, 2).map((id) => nameOf(id, known)).join(', ');
  return t('typingNames', { n: ids.length, names });
}
