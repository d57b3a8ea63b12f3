// The line at the top that says when there is no connection.

import { fill, h } from '../dom/build.js';
import { t } from '../words/words.js';

/** Shorter gaps are not worth a line. */
const shownAfter = 1500;

/** @param {import('../store/chat.js').Chat} chat */
export function connectionBanner(chat) {
  const element = h('div', { class: 'banner', role: 'status' });
  let timer = 0;
  let clock = 0;
  let isConnected = true;
  const draw = () => {
    const seconds = Math.max(0, Math.ceil((chat.socket.nextTryAt - Date.now()) / 1000));
    const isWaiting = chat.socket.state === 'waiting' && seconds > 1;
    fill(element, h('div', { class: 'banner-line' },
      h('span', {}, navigator.onLine ? t('connection.lost') : t('connection.offline')),
      // Counting down is for the eye alone.
      isWaiting && h('span', { 'aria-hidden': 'true' }, t('connection.next', { n: seconds })),
      isWaiting && h('button', { type: 'button', on: { click: () => chat.socket.hurry() } }, t('connection.now'))));
  };
  const end = chat.on('connection', (state) => {
    if (state === 'off') return;
    const isNow = state === 'connected';
    if (isNow === isConnected) return;
    isConnected = isNow;
    clearTimeout(timer);
    clearInterval(clock);
    if (isNow) return fill(element);
    timer = setTimeout(() => {
      draw();
      clock = setInterval(draw, 1000);
    }, shownAfter);
  });
  const destroy = () => {
    end();
    clearTimeout(timer);
    clearInterval(clock);
  };
  return { element, destroy };
}
