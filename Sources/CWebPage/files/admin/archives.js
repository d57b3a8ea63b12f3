// Conversations of all people, found by person, kind and time; and what verifications found.

import { button, fill, h, iconButton } from '../dom/build.js';
import { openDialog } from '../dom/dialog.js';
import { peoplePicker } from '../chat/peoplePicker.js';
import { number, t, wholeTime } from '../words/words.js';
import { choiceFilter, dayFilters } from './filters.js';
import { cell, pagedTable } from './pagedTable.js';
import { verifications } from './verifications.js';

const kinds = ['direct', 'group', 'support', 'order'];

export function archivesPage(parts) {
  const { api } = parts;
  const reload = () => table.reload();
  const person = personFilter(api, reload);
  const kind = choiceFilter('kind', t('kind'), kinds.map((name) => [name, t(`chatKind.${name}`)]), reload);
  const days = dayFilters(reload);
  const table = pagedTable({
    label: t('admin.archives'),
    columns: [t('conversation'), t('kind'), t('created'), t('lastActivity'), t('messages'), t('archived')],
    load: (cursor, signal) => api.get('/api/admin/archives', {
      person: person.value(), kind: kind.value(), ...days.values(), limit: 50, cursor,
    }, signal),
    row,
  });
  table.reload();
  const checks = verifications(parts, null);
  const element = h('div', { class: 'section' },
    h('div', { class: 'filters' }, person.element, kind.element, ...days.elements), table.element, checks.element);
  return {
    element,
    destroy() {
      table.destroy();
      checks.destroy();
    },
  };
}

function row(found) {
  return h('tr', {},
    cell(t('conversation'), h('a', { href: `#/admin/archives/${found.id}` }, nameOfArchive(found)),
      found.deletedAt && h('span', { class: 'tag bad' }, t('isDeleted'))),
    cell(t('kind'), t(`chatKind.${found.kind}`)),
    cell(t('created'), h('time', { datetime: found.createdAt }, wholeTime(found.createdAt))),
    cell(t('lastActivity'), h('time', { datetime: found.lastActivityAt }, wholeTime(found.lastActivityAt))),
    cell(t('messages'), number(found.messageCount)), cell(t('archived'), archivedTag(found)));
}

/** The title, or who is in it. */
export function nameOfArchive({ title, kind, members, memberCount }) {
  if (title) return title;
  const names = members.slice(0, 3).map(({ name }) => name || t('someone')).join(', ');
  if (!names) return t(`chatKind.${kind}`);
  return memberCount > 3 ? `${names} +${memberCount - 3}` : names;
}

/** Whether everything lies in the archive. */
export function archivedTag({ lastSeq, archivedSeq }) {
  return archivedSeq >= lastSeq ? h('span', { class: 'tag good' }, t('wholly'))
    : h('span', { class: 'tag' }, t('partly', { n: number(archivedSeq), of: number(lastSeq) }));
}

function personFilter(api, onChange) {
  let chosen = null;
  const place = h('div', { class: 'chosen-person' });
  const label = h('span', { class: 'label', id: 'archive-person' }, t('person'));
  const choose = () => {
    const dialog = openDialog({
      title: t('person'),
      body: peoplePicker({ api, me: '', onPick(person) {
        chosen = person;
        dialog.close();
        draw();
        onChange();
      } }),
    });
  };
  const draw = () => fill(place, button(chosen?.name ?? t('anybody'), choose, 'plain', { 'aria-describedby': 'archive-person' }),
    chosen && iconButton('close', t('anybody'), () => {
      chosen = null;
      draw();
      onChange();
    }));
  draw();
  return { element: h('div', { class: 'field' }, label, place), value: () => chosen?.id };
}
