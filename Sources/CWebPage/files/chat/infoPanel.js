// The panel beside a conversation: who belongs to it, what it is called, and what one may do with it.

import { avatar } from '../dom/avatar.js';
import { button, fill, h, iconButton } from '../dom/build.js';
import { confirm, openDialog } from '../dom/dialog.js';
import { field, form } from '../dom/form.js';
import { openMenu } from '../dom/menu.js';
import { notify } from '../dom/notices.js';
import { ago, problemText, t } from '../words/words.js';
import { othersOf, signOf, statusLine } from './conversationWords.js';
import { peoplePicker } from './peoplePicker.js';

/** @param {import('../store/chat.js').Chat} chat @param {string} id @param {() => void} close */
export function infoPanel(chat, id, close) {
  const body = h('div', { class: 'panel' });
  const element = h('aside', { class: 'side', 'aria-label': t('details') },
    h('header', { class: 'pane-head' }, h('h2', {}, t('details')), iconButton('close', t('close'), close)), body);
  let state = '';
  const draw = () => {
    const conversation = chat.conversations.get(id);
    if (!conversation) return;
    const now = JSON.stringify([conversation, othersOf(conversation, chat).map((each) => chat.people.presence(each.id))]);
    if (now === state) return;
    state = now;
    fill(body, parts(conversation, chat));
  };
  const ends = [
    chat.conversations.on('changed', (changed) => { if (changed === id) draw(); }),
    chat.people.on('presence', draw), chat.people.on('named', draw),
  ];
  draw();
  chat.refresh(id);
  return { element, destroy: () => ends.forEach((end) => end()) };
}

function parts(conversation, chat) {
  const [signId, name, sign] = signOf(conversation, chat);
  const isGroup = conversation.kind === 'group';
  const mayChange = isGroup && conversation.role !== 'member';
  return [
    h('div', { class: 'panel-head' },
      avatar(signId, name, { size: 'large', sign }),
      h('h3', {}, name),
      h('p', { class: 'soft small-text' }, statusLine(conversation, chat, ago)),
      conversation.description && h('p', {}, conversation.description),
      mayChange && button(t('edit'), () => editGroup(conversation, chat), 'quiet')),
    conversation.kind !== 'direct' && members(conversation, chat, mayChange),
    endings(conversation, chat),
  ];
}

function members(conversation, chat, mayChange) {
  return h('section', {},
    h('div', { class: 'section-head' }, h('h3', {}, t('members', { n: conversation.memberCount })),
      mayChange && iconButton('plus', t('addMember'), () => addMember(conversation, chat))),
    h('ul', { class: 'boxed' }, conversation.members.map((member) => memberRow(member, conversation, chat))));
}

function memberRow(member, conversation, chat) {
  const acts = memberActs(member, conversation, chat);
  const presence = chat.people.presence(member.id)?.status;
  const picture = avatar(member.id, member.name, { size: 'small' });
  if (presence && presence !== 'offline') picture.append(h('span', { class: `presence ${presence}` }));
  return h('li', {}, picture,
    h('div', { class: 'person-words' },
      h('span', { class: 'one-line' }, member.id === chat.me.id ? t('youNamed', { name: member.name }) : member.name),
      presence && h('span', { class: 'unseen' }, t(presence))),
    member.role && member.role !== 'member' && h('span', { class: 'tag' }, t(`memberRole.${member.role}`)),
    acts.length > 0 && iconButton('more', t('memberActs', { name: member.name }), (event) => {
      openMenu(event.currentTarget, acts, t('memberActs', { name: member.name }));
    }, { 'aria-haspopup': 'menu' }));
}

/** The same as the server's table of rights says. */
function memberActs(member, conversation, chat) {
  if (conversation.kind !== 'group') return [];
  const give = (role) => () => attempt(() => chat.acts.putMember(conversation.id, member.id, role));
  if (member.id === chat.me.id) {
    return member.role === 'admin' ? [{ label: t('stepDown'), icon: 'shield', act: give('member') }] : [];
  }
  const standing = { owner: 2, admin: 1, member: 0 };
  const acts = [];
  if (conversation.role === 'owner') {
    acts.push(member.role === 'admin' ? { label: t('dismiss'), icon: 'shield', act: give('member') }
      : { label: t('appoint'), icon: 'shield', act: give('admin') });
    acts.push({ label: t('makeOwner'), icon: 'person', act: () => makeOwner(member, give('owner')) });
  }
  if (standing[conversation.role] > standing[member.role ?? 'member']) {
    acts.push({
      label: t('removeMember'), icon: 'leave', isDangerous: true,
      act: () => attempt(() => chat.acts.removeMember(conversation.id, member.id)),
    });
  }
  return acts;
}

async function makeOwner(member, act) {
  const isSure = await confirm({
    title: t('makeOwner'), text: t('makeOwnerText', { name: member.name }), act: t('makeOwner'),
  });
  if (isSure) await act();
}

function endings(conversation, chat) {
  const end = (title, text, act) => button(title, async () => {
    if (await confirm({ title, text, act: title })) await attempt(act);
  }, 'danger');
  const { id, kind, role } = conversation;
  return h('div', { class: 'acts' },
    kind === 'group' && end(t('leaveGroup'), t('leaveGroupText'), () => chat.acts.removeMember(id, chat.me.id)),
    kind === 'group' && role === 'owner' && end(t('deleteGroup'), t('deleteGroupText'), () => chat.acts.delete(id)),
    kind === 'direct' && end(t('deleteChat'), t('deleteChatText'), () => chat.acts.delete(id)));
}

function editGroup(conversation, chat) {
  const dialog = openDialog({
    title: t('editGroup'),
    body: form({
      submit: t('save'),
      fields: [
        field({
          name: 'title', label: t('groupTitle'), value: conversation.title ?? '', maxlength: '200', autocomplete: 'off',
        }),
        field({
          name: 'description', label: t('description'), value: conversation.description ?? '', lines: 3, maxlength: '2000',
        }),
      ],
      async act({ title, description }) {
        await chat.acts.change(conversation.id, { title: title.trim() || null, description: description.trim() || null });
        dialog.close();
      },
    }),
  });
}

function addMember(conversation, chat) {
  const dialog = openDialog({
    title: t('addMember'),
    body: peoplePicker({
      api: chat.api, me: chat.me.id, without: conversation.members.map(({ id }) => id),
      onPick(person) {
        dialog.close();
        attempt(() => chat.acts.putMember(conversation.id, person.id));
      },
    }),
  });
}

async function attempt(act) {
  try {
    await act();
  } catch (error) {
    notify(problemText(error), 'bad');
  }
}
