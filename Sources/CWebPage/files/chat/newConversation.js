// Begins a conversation: with somebody, with several, or with the staff.

import { button, fill, h } from '../dom/build.js';
import { openDialog } from '../dom/dialog.js';
import { field } from '../dom/form.js';
import { problemText, t } from '../words/words.js';
import { peoplePicker } from './peoplePicker.js';

const staff = ['admin', 'agent'];

/** @param {import('../store/chat.js').Chat} chat @param {(id: string) => void} open */
export function newConversation(chat, open) {
  const kinds = ['direct', 'group', ...(staff.includes(chat.me.role) ? [] : ['support'])];
  const place = h('div', { class: 'section' });
  const fault = h('p', { class: 'fault', role: 'alert' });
  const create = async (input) => {
    fault.textContent = '';
    try {
      const { id } = await chat.acts.create(input);
      dialog.close();
      open(id);
    } catch (error) {
      fault.textContent = error.status === 409 ? t('tooManyRequests') : problemText(error);
    }
  };
  const show = (kind) => fill(place, { direct, group, support }[kind](chat, create));
  const dialog = openDialog({
    title: t('newChat'),
    body: [
      h('fieldset', { class: 'choices' }, h('legend', { class: 'unseen' }, t('kind')),
        kinds.map((kind, index) => h('label', { class: 'radio' },
          h('input', { type: 'radio', name: 'kind', value: kind, checked: index === 0, on: { change: () => show(kind) } }),
          t(`kind.${kind}`)))),
      place, fault,
    ],
  });
  show('direct');
}

function direct(chat, create) {
  return peoplePicker({
    api: chat.api, me: chat.me.id, onPick: ({ id }) => create({ kind: 'direct', members: [id] }),
  });
}

function group(chat, create) {
  const title = field({ name: 'title', label: t('groupTitle'), maxlength: '200', autocomplete: 'off' });
  let members = [];
  const act = button(t('createGroup'), () => create({
    kind: 'group', members: members.map(({ id }) => id),
    ...optional({ title: title.querySelector('input').value.trim() }),
  }), 'primary', { disabled: true });
  const picker = peoplePicker({
    api: chat.api, me: chat.me.id, isMany: true,
    onChange(picked) {
      members = picked;
      act.disabled = picked.length === 0;
    },
  });
  return [title, picker, h('div', { class: 'dialog-acts' }, act)];
}

function support(chat, create) {
  const title = field({
    name: 'title', label: t('supportTitle'), hint: t('supportHint'), maxlength: '200', autocomplete: 'off',
  });
  return [title, h('div', { class: 'dialog-acts' }, button(t('askSupport'), () => create({
    kind: 'support', ...optional({ title: title.querySelector('input').value.trim() }),
  }), 'primary'))];
}

/** Fields that are not empty. */
function optional(fields) {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== ''));
}
