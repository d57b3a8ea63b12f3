// Dialogs on top of the page: the browser's own element keeps the focus inside and gives it back.

import { t } from '../words/words.js';
import { button, h, iconButton } from './build.js';

/**
 * Shows a dialog and resolves when it is closed.
 * @param {{title: string, body: any, class?: string, onClose?: () => void}} what
 * @returns {{element: HTMLDialogElement, close: () => void, closed: Promise<void>}}
 */
export function openDialog({ title, body, class: look = '', onClose }) {
  const heading = `dialog-${++count}`;
  const element = h('dialog', { class: `dialog ${look}`, 'aria-labelledby': heading },
    h('header', { class: 'dialog-head' },
      h('h2', { id: heading }, title),
      iconButton('close', t('close'), () => element.close())),
    h('div', { class: 'dialog-body' }, body));
  const closed = new Promise((resolve) => {
    element.addEventListener('close', () => {
      element.remove();
      onClose?.();
      resolve();
    }, { once: true });
  });
  // A press on what is around closes it, but not the end of a selection that began inside.
  element.addEventListener('pointerdown', (event) => {
    if (event.target === element) element.close();
  });
  document.body.append(element);
  element.showModal();
  return { element, close: () => element.close(), closed };
}

let count = 0;

/**
 * Asks before something that cannot be undone.
 * @param {{title: string, text: string, act: string}} what @returns {Promise<boolean>}
 */
export async function confirm({ title, text, act }) {
  let isSure = false;
  const dialog = openDialog({
    title, class: 'small',
    body: [
      h('p', {}, text),
      h('div', { class: 'dialog-acts' },
        button(t('cancel'), () => dialog.close(), 'plain', { autofocus: true }),
        button(act, () => {
          isSure = true;
          dialog.close();
        }, 'danger')),
    ],
  });
  await dialog.closed;
  return isSure;
}
