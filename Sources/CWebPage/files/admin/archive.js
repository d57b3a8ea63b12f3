// One conversation's archive: how large it is, its segments, its verification, and the way to take it along.

import { button, fill, h, icon, iconButton } from '../dom/build.js';
import { number, problemText, size, t, wholeTime } from '../words/words.js';
import { archivedTag, nameOfArchive } from './archives.js';
import { cell, pagedTable } from './pagedTable.js';
import { save } from './saving.js';
import { verifications } from './verifications.js';

/** @param {{api: any, keeper: any}} parts @param {string} id */
export function archivePage(parts, id) {
  const { api, keeper } = parts;
  const path = `/api/admin/archives/${id}`;
  const head = h('div', { class: 'section' }, h('div', { class: 'spinner' }));
  const segments = pagedTable({
    label: t('segments'), columns: [t('entries'), t('when'), t('stored'), t('unpacked'), t('object'), ''],
    load: (cursor, signal) => api.get(`${path}/segments`, { limit: 50, cursor }, signal),
    row: (segment) => row(segment, () => save(
      keeper, `${path}/segments/${segment.firstSeq}/content`, `${id}-${segment.firstSeq}-${segment.lastSeq}.jsonl.gz`)),
  });
  const checks = verifications(parts, id);
  let isOver = false;
  api.get(path).then((archive) => { if (!isOver) fill(head, facts(archive)); },
    (error) => { if (!isOver) fill(head, h('p', { class: 'fault' }, problemText(error))); });
  segments.reload();
  const element = h('div', { class: 'section' },
    h('a', { class: 'button quiet back-link', href: '#/admin/archives' }, icon('back'), t('admin.archives')),
    head, h('div', { class: 'acts' },
      button(t('saveConversation'), () => save(keeper, `${path}/content`, `${id}.jsonl`), 'primary')),
    h('p', { class: 'hint' }, t('savingIsNoted')),
    h('section', { class: 'section' }, h('h3', {}, t('segments')), segments.element), checks.element);
  return {
    element,
    destroy() {
      isOver = true;
      segments.destroy();
      checks.destroy();
    },
  };
}

function facts(archive) {
  const fact = (name, ...value) => [h('dt', {}, name), h('dd', {}, value)];
  const people = archive.members.map(({ name }) => name || t('someone')).join(', ') || '–';
  return [
    h('h3', {}, nameOfArchive(archive)),
    h('dl', { class: 'facts' },
      fact(t('kind'), t(`chatKind.${archive.kind}`)), fact(t('people'), people),
      fact(t('created'), wholeTime(archive.createdAt)), fact(t('lastActivity'), wholeTime(archive.lastActivityAt)),
      archive.deletedAt && fact(t('isDeleted'), wholeTime(archive.deletedAt)),
      fact(t('messages'), number(archive.messageCount)), fact(t('archived'), archivedTag(archive)),
      fact(t('stored'), t('storedOf', { stored: size(archive.extent.storedBytes), plain: size(archive.extent.plainBytes) }))),
  ];
}

function row(segment, onSave) {
  const range = `${number(segment.firstSeq)} – ${number(segment.lastSeq)}`;
  return h('tr', {},
    cell(t('entries'), range),
    cell(t('when'), h('time', { datetime: segment.createdAt }, wholeTime(segment.createdAt))),
    cell(t('stored'), size(segment.storedBytes)), cell(t('unpacked'), size(segment.plainBytes)),
    cell(t('object'), h('span', { class: 'tag' }, t(segment.isPack ? 'pack' : 'ownSegment')), ' ',
      h('code', { class: 'key', title: `SHA-256 ${segment.objectSha256}` }, segment.key)),
    h('td', {}, iconButton('download', t('saveSegment', { range }), onSave)));
}
