// Language, light and dark, notifications.

import { h } from '../dom/build.js';
import { tick } from '../dom/form.js';
import { notify } from '../dom/notices.js';
import { currentLanguage, problemText, setLanguage, t } from '../words/words.js';

const key = 'chat.theme';
const themes = ['system', 'light', 'dark'];

/** Takes the theme that was chosen on this device. */
export function applyTheme(theme = localStorage.getItem(key)) {
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
}

export function appearance({ api, keeper, redraw, notifications }) {
  const theme = themes.includes(localStorage.getItem(key)) ? localStorage.getItem(key) : 'system';
  return h('section', { class: 'section' }, h('h3', {}, t('appearance')),
    choices('theme', t('theme'), themes.map((name) => [name, t(`theme.${name}`)]), theme, (chosen) => {
      localStorage.setItem(key, chosen);
      applyTheme(chosen);
    }),
    choices('language', t('language'), [['en', 'English'], ['ru', 'Русский']], currentLanguage(), async (chosen) => {
      if (setLanguage(chosen)) redraw();
      try {
        // Letters are written in it as well.
        keeper.note(await api.patch('/api/users/me', { language: chosen }));
      } catch (error) {
        notify(problemText(error), 'bad');
      }
    }),
    notifications.isPossible && tick({
      name: 'notifications', label: t('notifyMe'), checked: notifications.isOn,
      on: {
        async change({ currentTarget }) {
          currentTarget.checked = await notifications.turn(currentTarget.checked);
        },
      },
    }));
}

function choices(name, legend, options, chosen, choose) {
  return h('fieldset', { class: 'choices' }, h('legend', {}, legend),
    options.map(([value, text]) => h('label', { class: 'radio' },
      h('input', { type: 'radio', name, value, checked: value === chosen, on: { change: () => choose(value) } }), text)));
}
