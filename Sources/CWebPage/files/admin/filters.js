// What the lists of the console are narrowed by.

import { h } from '../dom/build.js';
import { field } from '../dom/form.js';
import { t } from '../words/words.js';

/** Two days, and what the server is asked for by them. @param {() => void} onChange */
export function dayFilters(onChange) {
  const from = field({ name: 'from', label: t('from'), type: 'date' });
  const until = field({ name: 'until', label: t('until'), type: 'date' });
  for (const box of [from, until]) box.querySelector('input').addEventListener('change', onChange);
  const valueOf = (box) => box.querySelector('input').value;
  return {
    elements: [from, until],
    values: () => ({ from: startOf(valueOf(from)), before: startOf(valueOf(until), 1) }),
  };
}

/** A choice, whose empty value stands for everything. @param {[string, string][]} options */
export function choiceFilter(name, label, options, onChange) {
  const element = field({ name, label, options: [['', t('all')], ...options] });
  const control = element.querySelector('select');
  control.addEventListener('change', onChange);
  return { element, value: () => control.value };
}

/** The beginning of a day here, as the server takes times. */
function startOf(day, later = 0) {
  if (!day) return '';
  const [year, month, date] = day.split('-').map(Number);
  return new Date(year, month - 1, date + later).toISOString();
}

/** Person by person, names come when they are known. @param {Element} element @param {any} people */
export function fillNames(element, people) {
  return people.on('named', (id) => {
    for (const place of element.querySelectorAll(`[data-person="${CSS.escape(id)}"]`)) place.textContent = people.name(id);
  });
}

export function personName(id, people) {
  return id ? h('span', { 'data-person': id }, people.name(id)) : '–';
}
