// A field that searches while one types.

import { h, icon } from '../dom/build.js';

const pause = 250;

/**
 * @param {{label: string, search: (query: string, signal: AbortSignal) => any}} what `search` gets an empty query when
 * there is nothing to look for any more.
 */
export function searchBox({ label, search }) {
  let timer = 0;
  let running = new AbortController();
  const look = () => {
    clearTimeout(timer);
    running.abort();
    running = new AbortController();
    search(input.value.trim().slice(0, 200), running.signal);
  };
  const input = h('input', {
    type: 'search', placeholder: label, 'aria-label': label, autocomplete: 'off', spellcheck: 'false', maxlength: '200',
    on: {
      input() {
        clearTimeout(timer);
        if (input.value.trim() === '') look(); else timer = setTimeout(look, pause);
      },
      keydown(event) {
        if (event.key === 'Escape' && input.value !== '') {
          event.stopPropagation();
          box.clear();
        }
      },
    },
  });
  const box = h('div', { class: 'search-box', role: 'search' }, icon('search'), input);
  box.clear = () => {
    input.value = '';
    look();
  };
  return box;
}
