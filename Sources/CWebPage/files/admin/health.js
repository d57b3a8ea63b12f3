// How the server is: what it depends on, and some of its numbers.

import { fill, h } from '../dom/build.js';
import { readMetrics } from './metrics.js';
import { number, problemText, size, t } from '../words/words.js';

const lookAgainAfter = 5000;
const shown = ['realtime_users', 'realtime_sockets', 'realtime_rooms', 'archive_buffered_conversations',
  'archive_buffered_bytes', 'archive_entries_archived', 'archive_packs_put', 'archive_flush_failures_in_a_row',
  'process_resident_memory_bytes'];

export function healthPage() {
  const checks = h('div', { class: 'section' });
  const numbers = h('dl', { class: 'numbers' });
  let timer = 0;
  const look = async () => {
    fill(checks, await readiness());
    fill(numbers, await measurements());
    timer = setTimeout(look, lookAgainAfter);
  };
  look();
  return {
    element: h('div', { class: 'section' }, checks, h('h3', {}, t('numbers')), numbers),
    destroy: () => clearTimeout(timer),
  };
}

async function readiness() {
  try {
    const answer = await fetch('/readyz', { cache: 'no-store' });
    const { status, checks } = await answer.json();
    return [
      h('p', {}, h('span', { class: `tag ${status === 'ready' ? 'good' : 'bad'}` }, t(`health.${status}`))),
      h('ul', { class: 'boxed' }, Object.entries(checks).map(([name, state]) => h('li', {},
        h('span', { class: 'row-words' }, t(`health.${name}`)),
        h('span', { class: `tag ${state === 'ok' ? 'good' : 'bad'}` }, state === 'ok' ? t('fine') : state)))),
    ];
  } catch {
    return h('p', { class: 'fault' }, t('problem.offline'));
  }
}

async function measurements() {
  try {
    const answer = await fetch('/metrics', { cache: 'no-store' });
    if (!answer.ok) return h('p', { class: 'hint' }, t('noNumbers'));
    const found = readMetrics(await answer.text());
    return shown.filter((name) => found.has(name)).map((name) => h('div', {},
      h('dt', {}, t(`metric.${name}`)),
      h('dd', {}, name.endsWith('_bytes') ? size(found.get(name)) : number(found.get(name)))));
  } catch (error) {
    return h('p', { class: 'hint' }, problemText(error));
  }
}
