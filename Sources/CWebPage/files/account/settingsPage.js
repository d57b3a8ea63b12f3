// One's own account: profile, appearance, password, sessions, and its end.

import { avatar } from '../dom/avatar.js';
import { button, fill, h } from '../dom/build.js';
import { openDialog } from '../dom/dialog.js';
import { field, form } from '../dom/form.js';
import { notify } from '../dom/notices.js';
import { problemText, t } from '../words/words.js';
import { appearance } from './appearance.js';
import { faultsOfNewPassword, passwordField } from './door.js';
import { sessions } from './sessions.js';

/**
 * @param {{api: import('../net/api.js').Api, keeper: any, signOut: () => void, redraw: () => void,
 *   notifications: any}} parts
 */
export function settingsPage(parts) {
  const user = parts.keeper.user;
  const element = h('div', { class: 'column' },
    h('div', { class: 'panel-head' }, avatar(user.id, user.name, { size: 'large' }), h('h2', {}, user.name),
      h('p', { class: 'soft' }, user.email), h('span', { class: 'tag' }, t(`role.${user.role}`))),
    confirmation(parts), profile(parts), appearance(parts), password(parts), sessions(parts), ending(parts));
  return { element, destroy() {} };
}

function section(title, ...children) {
  return h('section', { class: 'section' }, h('h3', {}, title), children);
}

function confirmation({ api, keeper }) {
  const box = h('div', {});
  if (keeper.user.emailConfirmedAt) return box;
  const send = async (event) => {
    event.currentTarget.disabled = true;
    try {
      await api.post('/api/users/me/confirmation');
      fill(box, h('div', { class: 'callout', role: 'status' }, h('p', {}, t('letterSent', { email: keeper.user.email }))));
    } catch (error) {
      if (error.status === 409) keeper.note(await api.get('/api/users/me'));
      notify(error.status === 409 ? t('confirmedAlready') : problemText(error));
    }
  };
  // Confirmed elsewhere in the meantime, perhaps.
  api.get('/api/users/me').then((user) => {
    keeper.note(user);
    if (user.emailConfirmedAt) fill(box);
  }, () => {});
  return fill(box, h('div', { class: 'callout' }, h('p', {}, t('notConfirmed', { email: keeper.user.email })),
    button(t('sendLetterAgain'), send)));
}

function profile({ api, keeper, redraw }) {
  const { user } = keeper;
  return section(t('profile'), form({
    submit: t('save'), label: t('profile'),
    fields: [
      field({ name: 'name', label: t('yourName'), value: user.name, autocomplete: 'name', maxlength: '64' }),
      h('div', { class: 'two' },
        field({
          name: 'phone', label: t('phone'), type: 'tel', value: user.phone ?? '', autocomplete: 'tel', maxlength: '24',
        }),
        field({
          name: 'birthDate', label: t('birthDate'), type: 'date', value: user.birthDate ?? '', autocomplete: 'bday',
        })),
    ],
    check: ({ name }) => (name.trim() ? {} : { name: t('fault.empty') }),
    async act({ name, phone, birthDate }) {
      keeper.note(await api.patch('/api/users/me', {
        name: name.trim(), phone: phone.trim() || null, birthDate: birthDate || null,
      }));
      notify(t('saved'));
      redraw();
    },
  }));
}

function password({ api }) {
  const element = form({
    submit: t('changePassword'), label: t('password'), look: 'plain',
    fields: [
      passwordField('currentPassword', t('currentPassword'), 'current-password'),
      passwordField('newPassword', t('newPassword'), 'new-password', t('passwordHint')),
    ],
    check: ({ currentPassword, newPassword }) => ({
      ...(currentPassword ? {} : { currentPassword: t('fault.empty') }), ...faultsOfNewPassword(newPassword, 'newPassword'),
    }),
    words: (error) => ([401, 403].includes(error.status) ? t('wrongOldPassword') : problemText(error)),
    async act(values) {
      await api.post('/api/users/me/password', values);
      element.reset();
      notify(t('passwordChanged'));
    },
  });
  return section(t('password'), element);
}

function ending({ api, signOut, keeper }) {
  const deactivate = () => {
    const dialog = openDialog({
      title: t('deactivate'), class: 'small',
      body: [h('p', {}, t('deactivateText')), form({
        submit: t('deactivate'), look: 'danger',
        fields: [passwordField('password', t('password'), 'current-password')],
        words: (error) => ([401, 403].includes(error.status) ? t('wrongOldPassword')
          : error.status === 409 ? t('lastAdmin') : problemText(error)),
        async act(values) {
          await api.post('/api/users/me/deactivation', values);
          dialog.close();
          keeper.end();
        },
      })],
    });
  };
  return section(t('account'), h('div', { class: 'acts' },
    button(t('signOut'), signOut), button(t('deactivate'), deactivate, 'danger')));
}
