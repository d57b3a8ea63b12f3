// Finds people and picks one or several of them.

import { avatar } from '../dom/avatar.js';
import { fill, h, icon, iconButton } from '../dom/build.js';
import { problemText, t } from '../words/words.js';
import { searchBox } from './searchBox.js';

/**
 * @param {{api: any, me: string, without?: string[], isMany?: boolean, onChange?: (picked: any[]) => void,
 *   onPick?: (person: any) => void}} what
 */
export function peoplePicker({ api, me, without = [], isMany = false, onChange = () => {}, onPick }) {
  const picked = new Map();
  const pills = h('div', { class: 'picked', hidden: true });
  const found = h('div', { class: 'found' });
  const status = h('p', { class: 'hint', role: 'status' }, t('searchPeopleHint'));
  const excluded = new Set([me, ...without]);
  let people = [];

  const draw = () => {
    fill(pills, [...picked.values()].map((person) => h('span', { class: 'pill' }, person.name,
      iconButton('close', t('takeOut', { name: person.name }), () => toggle(person)))));
    pills.hidden = picked.size === 0;
    fill(found, people.map((person) => h('button', {
      type: 'button', class: 'person', 'aria-pressed': isMany ? String(picked.has(person.id)) : undefined,
      on: { click: () => (isMany ? toggle(person) : onPick(person)) },
    }, avatar(person.id, person.name, { size: 'small' }),
    h('span', { class: 'person-words' }, h('span', { class: 'one-line' }, person.name),
      person.email && h('span', { class: 'soft small-text one-line' }, person.email)),
    picked.has(person.id) && icon('check'))));
  };
  const toggle = (person) => {
    if (!picked.delete(person.id)) picked.set(person.id, person);
    draw();
    onChange([...picked.values()]);
  };
  const search = async (query, signal) => {
    if (query === '') {
      people = [];
      status.textContent = t('searchPeopleHint');
      return draw();
    }
    try {
      const page = await api.get('/api/users', { query, limit: 30 }, signal);
      if (signal.aborted) return;
      people = page.items.filter(({ id }) => !excluded.has(id));
      status.textContent = people.length === 0 ? t('nothingFound') : t('foundPeople', { n: people.length });
    } catch (error) {
      if (signal.aborted) return;
      status.textContent = problemText(error);
    }
    draw();
  };
  const box = searchBox({ label: t('searchPeople'), search });
  return h('div', { class: 'section picker' }, pills, box, status, found);
}
