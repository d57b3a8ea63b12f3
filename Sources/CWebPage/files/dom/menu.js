// A small menu at a button, moved through with the arrow keys.

import { h, icon } from './build.js';

/** @typedef {{label: string, icon: string, act: () => void, isDangerous?: boolean}} MenuItem */

/**
 * Opens a menu below, or above, an element; closes with Escape, a choice, or a press elsewhere.
 * @param {HTMLElement} anchor @param {MenuItem[]} items @param {string} label
 * @param {() => HTMLElement|null} [successor] What stands in the anchor's place where that was drawn anew meanwhile.
 */
export function openMenu(anchor, items, label, successor = () => null) {
  closeMenu();
  const menu = h('div', { class: 'menu', role: 'menu', 'aria-label': label, on: { keydown: move } },
    items.map((item) => h('button', {
      type: 'button', role: 'menuitem', tabindex: '-1', class: item.isDangerous ? 'danger' : '',
      on: {
        click() {
          closeMenu();
          item.act();
        },
      },
    }, icon(item.icon), h('span', {}, item.label))));
  // Inside an open dialog all else is inert.
  (anchor.closest('dialog') ?? document.body).append(menu);
  place(menu, anchor.getBoundingClientRect());
  anchor.setAttribute('aria-expanded', 'true');
  open = { menu, anchor, successor };
  addEventListener('pointerdown', closeOutside, true);
  addEventListener('resize', closeMenu);
  menu.querySelector('button')?.focus();
}

let open = null;

export function closeMenu() {
  if (!open) return;
  const { menu, anchor, successor } = open;
  open = null;
  const hadFocus = menu.contains(document.activeElement);
  menu.remove();
  anchor.removeAttribute('aria-expanded');
  if (hadFocus) (anchor.isConnected ? anchor : successor())?.focus({ preventScroll: true });
  removeEventListener('pointerdown', closeOutside, true);
  removeEventListener('resize', closeMenu);
}

function closeOutside(event) {
  if (!open?.menu.contains(event.target)) closeMenu();
}

function place(menu, anchor) {
  const { width, height } = menu.getBoundingClientRect();
  const left = Math.max(8, Math.min(anchor.right - width, innerWidth - width - 8));
  const isRoomBelow = anchor.bottom + height + 8 < innerHeight;
  menu.style.left = `${left}px`;
  menu.style.top = `${Math.max(8, isRoomBelow ? anchor.bottom + 4 : anchor.top - height - 4)}px`;
}

function move(event) {
  const items = [...event.currentTarget.querySelectorAll('button')];
  const index = items.indexOf(document.activeElement);
  const steps = { ArrowDown: index + 1, ArrowUp: index - 1, Home: 0, End: items.length - 1 };
  if (event.key in steps) {
    event.preventDefault();
    items[(steps[event.key] + items.length) % items.length].focus();
  } else if (event.key === 'Escape' || event.key === 'Tab') {
    event.preventDefault();
    event.stopPropagation();
    closeMenu();
  }
}
