// Support: what waits, for the staff, and what one does with a support conversation.

import { avatar } from '../dom/avatar.js';
import { button, fill, h, icon, iconButton } from '../dom/build.js';
import { openDialog } from '../dom/dialog.js';
import { openMenu } from '../dom/menu.js';
import { notify } from '../dom/notices.js';
import { ago, problemText, t } from '../words/words.js';
import { peoplePicker } from './peoplePicker.js';

const lookAgainAfter = 10_000;

/** What waits for an agent, longest first. */
export function supportQueue(chat, open) {
  const list = h('ul', { class: 'boxed' });
  const status = h('div', {});
  let timer = 0;
  const load = async () => {
    clearTimeout(timer);
    try {
      const page = await chat.api.get('/api/support', { limit: 100 });
      fill(list, page.items.map((request) => row(request, chat, open, load)));
      list.hidden = page.items.length === 0;
      fill(status, page.items.length === 0
        && h('div', { class: 'empty' }, icon('support'), h('p', {}, t('nobodyWaits'))));
    } catch (error) {
      fill(status, h('p', { class: 'fault' }, problemText(error)));
    }
    timer = setTimeout(load, lookAgainAfter);
  };
  load();
  const element = h('div', { class: 'column' }, status, list);
  return { element, destroy: () => clearTimeout(timer) };
}

function row(request, chat, open, reload) {
  const take = async (event) => {
    event.currentTarget.disabled = true;
    try {
      await chat.acts.takeSupport(request.id);
      open(request.id);
    } catch (error) {
      notify(error.status === 409 ? t('takenByOther') : problemText(error), 'bad');
      reload();
    }
  };
  return h('li', {}, avatar(request.customer.id, request.customer.name),
    h('div', { class: 'row-words' },
      h('strong', { class: 'one-line' }, request.customer.name),
      h('span', { class: 'one-line' }, request.title ?? request.lastMessage?.text ?? t('nothingSaid')),
      h('span', { class: 'soft small-text' }, t('waitsSince', { ago: ago(request.waitingSince) }))),
    button(t('take'), take, 'primary'));
}

/** The menu of whoever has a support conversation in charge; nothing for everybody else. */
export function supportActs(conversation, chat) {
  if (conversation.kind !== 'support' || conversation.support?.agentId !== chat.me.id
    || conversation.support.status !== 'taken') return null;
  const act = async (path, body) => {
    try {
      await chat.api.post(`/api/conversations/${conversation.id}/${path}`, body);
      await chat.refresh(conversation.id);
    } catch (error) {
      notify(problemText(error), 'bad');
    }
  };
  return iconButton('more', t('supportActs'), (event) => openMenu(event.currentTarget, [
    { label: t('closeRequest'), icon: 'check', act: () => act('close') },
    { label: t('handOver'), icon: 'people', act: () => pickAgent(chat, (id) => act('handover', { userId: id })) },
    { label: t('backToQueue'), icon: 'support', act: () => act('handover', {}) },
  ], t('supportActs')), { 'aria-haspopup': 'menu' });
}

function pickAgent(chat, pick) {
  const dialog = openDialog({
    title: t('handOver'),
    body: peoplePicker({
      api: chat.api, me: chat.me.id,
      onPick({ id }) {
        dialog.close();
        pick(id);
      },
    }),
  });
}
