// Labelled fields, and forms that say what was wrong where it was wrong.

import { Offline, Problem } from '../net/problem.js';
import { problemText, t } from '../words/words.js';
import { h } from './build.js';

let count = 0;

/**
 * @param {{name: string, label: string, type?: string, hint?: string, options?: [string, string][], lines?: number}} what
 * All else becomes attributes of the control.
 */
export function field({ name, label, type = 'text', hint, options, lines, ...more }) {
  const id = `field-${++count}`;
  const described = hint ? `${id}-hint ${id}-fault` : `${id}-fault`;
  const attributes = { id, name, 'aria-describedby': described, ...more };
  const control = options
    ? h('select', attributes, options.map(([value, text]) => h('option', { value }, text)))
    : lines ? h('textarea', { rows: lines, ...attributes }) : h('input', { type, ...attributes });
  if (more.value !== undefined) control.value = more.value;
  return h('div', { class: 'field', 'data-field': name },
    h('label', { for: id }, label), control,
    hint && h('p', { class: 'hint', id: `${id}-hint` }, hint),
    h('p', { class: 'fault', id: `${id}-fault` }));
}

/** A box to tick. */
export function tick({ name, label, ...more }) {
  return h('label', { class: 'tick' }, h('input', { type: 'checkbox', name, ...more }), h('span', {}, label));
}

/**
 * A form: `act` gets the values; what it throws is shown. `check` returns what is wrong by field, in the page's words.
 * @param {{fields: any[], submit: string, act: (values: Record<string, string>) => Promise<any>,
 *   check?: (values: Record<string, string>) => Record<string, string>, label?: string, words?: (error: any) => string,
 *   look?: string}} what
 */
export function form({ fields, submit, act, check, label, words = problemText, look = 'primary' }) {
  const fault = h('p', { class: 'fault', role: 'alert' });
  const send = h('button', { type: 'submit', class: `button ${look}` }, submit);
  const element = h('form', {
    class: 'form', novalidate: true, 'aria-label': label,
    on: {
      async submit(event) {
        event.preventDefault();
        if (send.disabled) return;
        const values = Object.fromEntries(new FormData(element));
        fault.textContent = '';
        if (showFaults(element, check?.(values) ?? {})) return;
        send.disabled = true;
        try {
          await act(values);
        } catch (error) {
          showProblem(element, fault, error, words);
        } finally {
          send.disabled = false;
        }
      },
    },
  }, fields, fault, h('div', { class: 'form-acts' }, send));
  return element;
}

function showProblem(element, fault, error, words) {
  if (!(error instanceof Problem) && !(error instanceof Offline)) throw error;
  const known = (error.errors ?? []).filter(({ field: name }) => element.elements.namedItem(name));
  if (known.length > 0 && error.status === 400) {
    showFaults(element, Object.fromEntries(known.map(({ field: name }) => [name, t('fault.refused')])));
  }
  fault.textContent = words(error);
}

/** Whether there is any. The first one gets the focus. */
function showFaults(element, faults) {
  let first = null;
  for (const box of element.querySelectorAll('[data-field]')) {
    const text = faults[box.dataset.field] ?? '';
    const control = box.querySelector('input, select, textarea');
    box.querySelector('.fault').textContent = text;
    control.toggleAttribute('aria-invalid', text !== '');
    if (text !== '') control.setAttribute('aria-invalid', 'true');
    if (text !== '' && !first) first = control;
  }
  first?.focus();
  return first !== null;
}
