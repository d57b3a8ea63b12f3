// The audit log, newest first, and the whole of it as a file.

import { button, h } from '../dom/build.js';
import { People } from '../store/people.js';
import { t, wholeTime } from '../words/words.js';
import { choiceFilter, dayFilters, fillNames, personName } from './filters.js';
import { cell, pagedTable } from './pagedTable.js';
import { save } from './saving.js';

const kinds = ['signedUp', 'signedIn', 'signInFailed', 'signInsDelayed', 'signedOut', 'sessionRevoked', 'refreshReused',
  'passwordChanged', 'passwordReset', 'emailConfirmed', 'userCreated', 'roleChanged', 'userDeactivated', 'userReactivated',
  'conversationRead', 'auditExported', 'archivesListed', 'archiveVerified', 'conversationDeleted', 'linkCreated', 'linkUsed',
  'linkRevoked', 'virusFound'];

export function auditPage({ api, keeper }) {
  const people = new People((id) => api.get(`/api/users/${id}`));
  const reload = () => table.reload();
  const kind = choiceFilter('kind', t('what'), kinds.map((name) => [name, t(`audit.${name}`)]), reload);
  const days = dayFilters(reload);
  const table = pagedTable({
    label: t('admin.audit'), columns: [t('when'), t('what'), t('who'), t('whom'), t('address')],
    load: (cursor, signal) => api.get('/api/admin/audit', { kind: kind.value(), ...days.values(), limit: 50, cursor }, signal),
    row: (entry) => row(entry, people),
  });
  const end = fillNames(table.element, people);
  table.reload();
  const element = h('div', { class: 'section' },
    h('div', { class: 'filters' }, kind.element, ...days.elements,
      button(t('exportAll'), () => save(keeper, '/api/admin/audit/export', 'audit.jsonl'))), table.element);
  return {
    element,
    destroy() {
      end();
      table.destroy();
    },
  };
}

function row(entry, people) {
  const detail = Object.entries(entry.detail ?? {}).map(([name, value]) => `${name}: ${value}`).join(', ');
  return h('tr', {},
    cell(t('when'), h('time', { datetime: entry.at }, wholeTime(entry.at))),
    cell(t('what'), h('span', {}, t(`audit.${entry.kind}`), detail && h('span', { class: 'soft' }, ` (${detail})`))),
    cell(t('who'), personName(entry.actorId, people)), cell(t('whom'), personName(entry.subjectId, people)),
    cell(t('address'), h('span', { title: entry.device }, entry.address ?? '–')));
}
