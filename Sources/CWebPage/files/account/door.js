// What one sees before one is signed in: signing in, signing up, a forgotten password.

import { fill, h, icon } from '../dom/build.js';
import { field, form } from '../dom/form.js';
import { request } from '../net/api.js';
import { deviceName } from './deviceName.js';
import { currentLanguage, problemText, setLanguage, t } from '../words/words.js';

const leastPassword = 8;

/**
 * @param {{onSignedIn: (answer: any) => void, notice?: string}} what
 * @returns {HTMLElement}
 */
export function door({ onSignedIn, notice }) {
  const main = h('main', { id: 'main' });
  const element = h('div', { class: 'door' }, main);
  const show = (name, given = {}) => {
    document.title = `${t(`door.${name}`)} · ${t('product')}`;
    fill(main, pages[name]({ show, onSignedIn, ...given }), languages(() => show(name, given)));
    // At the first time it is not in the document yet.
    queueMicrotask(() => main.querySelector('input')?.focus());
  };
  show('signIn', { notice });
  return element;
}

const pages = { signIn, signUp, forgotten, sent };

function head(title, text) {
  return h('header', {}, h('span', { class: 'mark' }, icon('chats')), h('h1', {}, title),
    text && h('p', { class: 'soft' }, text));
}

function signIn({ show, onSignedIn, notice }) {
  return [
    head(t('door.signIn'), notice ?? t('door.welcome')),
    form({
      label: t('door.signIn'), submit: t('signIn'),
      fields: [emailField(), passwordField('password', t('password'), 'current-password')],
      check: ({ email, password }) => ({ ...faultsOfEmail(email), ...(password ? {} : { password: t('fault.empty') }) }),
      words: (error) => (error.status === 401 ? t('wrongPassword') : problemText(error)),
      act: async ({ email, password }) => onSignedIn(await request('POST', '/api/auth/login', {
        body: { email: email.trim(), password, device: deviceName() },
      })),
    }),
    h('div', { class: 'under' },
      turn(t('door.toSignUp'), () => show('signUp')), turn(t('door.toForgotten'), () => show('forgotten'))),
  ];
}

function signUp({ show, onSignedIn }) {
  return [
    head(t('door.signUp'), t('door.signUpText')),
    form({
      label: t('door.signUp'), submit: t('signUp'),
      fields: [
        field({ name: 'name', label: t('yourName'), autocomplete: 'name', required: true, maxlength: '64' }),
        emailField(), passwordField('password', t('password'), 'new-password', t('passwordHint')),
      ],
      check: ({ name, email, password }) => ({
        ...(name.trim() ? {} : { name: t('fault.empty') }), ...faultsOfEmail(email), ...faultsOfNewPassword(password),
      }),
      words: (error) => (error.status === 409 ? t('emailTaken') : problemText(error)),
      act: async ({ name, email, password }) => onSignedIn(await request('POST', '/api/auth/signup', {
        body: { name: name.trim(), email: email.trim(), password, language: currentLanguage() },
      })),
    }),
    h('div', { class: 'under' }, turn(t('door.toSignIn'), () => show('signIn'))),
  ];
}

function forgotten({ show }) {
  return [
    head(t('door.forgotten'), t('door.forgottenText')),
    form({
      label: t('door.forgotten'), submit: t('sendLetter'), fields: [emailField()],
      check: ({ email }) => faultsOfEmail(email),
      async act({ email }) {
        await request('POST', '/api/auth/forgot-password', { body: { email: email.trim() } });
        show('sent', { email: email.trim() });
      },
    }),
    h('div', { class: 'under' }, turn(t('door.toSignIn'), () => show('signIn'))),
  ];
}

function sent({ show, email }) {
  return [
    head(t('door.sent')),
    h('p', { role: 'status' }, t('letterSent', { email })),
    h('div', { class: 'under' }, turn(t('door.toSignIn'), () => show('signIn'))),
  ];
}

function languages(redraw) {
  return h('div', { class: 'languages', role: 'group', 'aria-label': t('language') },
    [['en', 'English'], ['ru', 'Русский']].map(([code, name]) => h('button', {
      type: 'button', lang: code, 'aria-pressed': String(code === currentLanguage()),
      on: {
        click() {
          if (setLanguage(code)) redraw();
        },
      },
    }, name)));
}

function turn(text, act) {
  return h('button', { type: 'button', class: 'button quiet', on: { click: act } }, text);
}

function emailField() {
  return field({
    name: 'email', type: 'email', label: t('email'), autocomplete: 'username', required: true, maxlength: '254',
    inputmode: 'email',
  });
}

export function passwordField(name, label, autocomplete, hint) {
  return field({ name, type: 'password', label, autocomplete, hint, required: true, maxlength: '1024' });
}

function faultsOfEmail(email) {
  return /^\S+@\S+$/u.test(email.trim()) ? {} : { email: t('fault.email') };
}

export function faultsOfNewPassword(password, name = 'password') {
  return new TextEncoder().encode(password).length >= leastPassword ? {} : { [name]: t('fault.password') };
}
