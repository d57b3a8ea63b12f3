// Admins look after accounts: find them, change roles, put them out of use and back, end their sessions.

import { h, iconButton } from '../dom/build.js';
import { confirm } from '../dom/dialog.js';
import { field } from '../dom/form.js';
import { openMenu } from '../dom/menu.js';
import { notify } from '../dom/notices.js';
import { searchBox } from '../chat/searchBox.js';
import { problemText, t, wholeTime } from '../words/words.js';
import { cell, pagedTable } from './pagedTable.js';

const roles = ['admin', 'agent', 'customer', 'designer', 'merchant', 'supplier'];

export function usersPage({ api, keeper }) {
  let query = '';
  const filter = (name, label, options) => {
    const box = field({ name, label, options });
    box.querySelector('select').addEventListener('change', () => table.reload());
    return box;
  };
  const role = filter('role', t('role'), [['', t('all')], ...roles.map((name) => [name, t(`role.${name}`)])]);
  const state = filter('deactivated', t('state'), [['', t('all')], ['false', t('inUse')], ['true', t('outOfUse')]]);
  const valueOf = (box) => box.querySelector('select').value;
  const table = pagedTable({
    label: t('admin.users'), columns: [t('name'), t('email'), t('role'), t('created'), t('state'), ''],
    load: (cursor, signal) => api.get('/api/admin/users', {
      query, role: valueOf(role), deactivated: valueOf(state), limit: 50, cursor,
    }, signal),
    row: (user) => row(user, { api, keeper }),
  });
  const search = searchBox({
    label: t('searchPeople'),
    search(words) {
      query = words;
      table.reload();
    },
  });
  search.classList.add('field', 'wide');
  table.reload();
  const filters = h('div', { class: 'filters' }, search, role, state);
  return { element: h('div', { class: 'section' }, filters, table.element), destroy: table.destroy };
}

function row(user, parts) {
  const element = h('tr', {});
  const draw = (now) => element.replaceChildren(
    cell(t('name'), h('strong', {}, now.name)),
    cell(t('email'), now.email, ' ', now.emailConfirmedAt ? null : h('span', { class: 'tag warn' }, t('unconfirmed'))),
    cell(t('role'), t(`role.${now.role}`)),
    cell(t('created'), h('time', { datetime: now.createdAt }, wholeTime(now.createdAt))),
    cell(t('state'), now.deactivatedAt ? h('span', { class: 'tag bad' }, t('outOfUse'))
      : h('span', { class: 'tag good' }, t('inUse'))),
    h('td', {}, iconButton('more', t('actsFor', { name: now.name }), (event) => {
      openMenu(event.currentTarget, acts(now, parts, draw), t('actsFor', { name: now.name }));
    }, { 'aria-haspopup': 'menu' })));
  draw(user);
  return element;
}

function acts(user, { api, keeper }, draw) {
  const change = async (fields) => {
    try {
      draw(await api.patch(`/api/admin/users/${user.id}`, fields));
    } catch (error) {
      notify(error.status === 409 ? t('lastAdmin') : problemText(error), 'bad');
    }
  };
  const endSessions = async () => {
    try {
      await api.delete(`/api/admin/users/${user.id}/sessions`);
      notify(t('sessionsEnded'));
    } catch (error) {
      notify(problemText(error), 'bad');
    }
  };
  const ask = (title, act) => async () => {
    if (await confirm({ title, text: t('sureFor', { name: user.name }), act: title })) act();
  };
  const isOwn = user.id === keeper.user.id;
  return [
    ...roles.filter((name) => name !== user.role).map((name) => {
      const label = t('makeRole', { role: t(`role.${name}`) });
      return { label, icon: 'shield', act: ask(label, () => change({ role: name })) };
    }),
    { label: t('endSessions'), icon: 'device', act: ask(t('endSessions'), endSessions) },
    user.deactivatedAt
      ? { label: t('reactivate'), icon: 'check', act: () => change({ deactivated: false }) }
      : !isOwn && {
        label: t('putOut'), icon: 'leave', isDangerous: true, act: ask(t('putOut'), () => change({ deactivated: true })),
      },
  ].filter(Boolean);
}
