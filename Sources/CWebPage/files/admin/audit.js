// The audit log, newest first, and the whole of it as a file.

import { button, h } from '../dom/build.js';
import { field } from '../dom/form.js';
import { notify } from '../dom/notices.js';
import { People } from '../store/people.js';
import { problemText, t, wholeTime } from '../words/words.js';
import { cell, pagedTable } from './pagedTable.js';

const kinds = ['signedUp', 'signedIn', 'signInFailed', 'signInsDelayed', 'signedOut', 'sessionRevoked', 'refreshReused',
  'passwordChanged', 'passwordReset', 'emailConfirmed', 'userCreated', 'roleChanged', 'userDeactivated', 'userReactivated',
  'conversationRead', 'auditExported', 'conversationDeleted'];

export function auditPage({ api, keeper }) {
  const people = new People((id) => api.get(`/api/users/${id}`));
  const options = [['', t('all')], ...kinds.map((name) => [name, t(`audit.${name}`)])];
  const kind = field({ name: 'kind', label: t('what'), options });
  const from = field({ name: 'from', label: t('from'), type: 'date' });
  const until = field({ name: 'until', label: t('until'), type: 'date' });
  const valueOf = (box) => box.querySelector('input, select').value;
  const filter = () => ({ kind: valueOf(kind), from: startOf(valueOf(from)), before: startOf(valueOf(until), 1) });
  const table = pagedTable({
    label: t('admin.audit'), columns: [t('when'), t('what'), t('who'), t('whom'), t('address')],
    load: (cursor, signal) => api.get('/api/admin/audit', { ...filter(), limit: 50, cursor }, signal),
    row: (entry) => row(entry, people),
  });
  for (const box of [kind, from, until]) box.querySelector('input, select').addEventListener('change', () => table.reload());
  const end = people.on('named', (id) => {
    const places = table.element.querySelectorAll(`[data-person="${CSS.escape(id)}"]`);
    for (const place of places) place.textContent = people.name(id);
  });
  table.reload();
  const element = h('div', { class: 'section' },
    h('div', { class: 'filters' }, kind, from, until, button(t('exportAll'), () => exportAll(keeper))), table.element);
  return {
    element,
    destroy() {
      end();
      table.destroy();
    },
  };
}

function row(entry, people) {
  const person = (id) => (id ? h('span', { 'data-person': id }, people.name(id)) : '–');
  const detail = Object.entries(entry.detail ?? {}).map(([name, value]) => `${name}: ${value}`).join(', ');
  return h('tr', {},
    cell(t('when'), h('time', { datetime: entry.at }, wholeTime(entry.at))),
    cell(t('what'), h('span', {}, t(`audit.${entry.kind}`), detail && h('span', { class: 'soft' }, ` (${detail})`))),
    cell(t('who'), person(entry.actorId)), cell(t('whom'), person(entry.subjectId)),
    cell(t('address'), h('span', { title: entry.device }, entry.address ?? '–')));
}

/** The beginning of a day here, as the server takes times. */
function startOf(day, later = 0) {
  if (!day) return '';
  const [year, month, date] = day.split('-').map(Number);
  return new Date(year, month - 1, date + later).toISOString();
}

/** Read as a stream into a file; the token cannot go along with an ordinary link. */
async function exportAll(keeper) {
  try {
    const answer = await fetch('/api/admin/audit/export', { headers: { Authorization: `Bearer ${await keeper.token()}` } });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    const address = URL.createObjectURL(await answer.blob());
    h('a', { href: address, download: 'audit.jsonl' }).click();
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
  } catch (error) {
    notify(problemText(error), 'bad');
  }
}
