// A round sign for a person or a group: initials on a colour that stays the same.

import { h, icon } from './build.js';

const tints = 8;

/** @param {string} id @param {string} name @param {{size?: ''|'small'|'large', sign?: string}} [look] */
export function avatar(id, name, { size = '', sign } = {}) {
  return h('span', { class: `avatar tint-${tint(id)} ${size}`, 'aria-hidden': 'true' },
    sign ? icon(sign) : initials(name));
}

/** The first letters of the first and the last word. */
export function initials(name) {
  const words = name.trim().split(/\s+/u).filter(Boolean);
  const picked = words.length > 1 ? [words[0], words.at(-1)] : words;
  return picked.map((word) => [...word][0].toLocaleUpperCase()).join('');
}

/** Of an id the last characters are chance. */
function tint(id) {
  let sum = 0;
  for (const character of id.slice(-6)) sum = (sum * 31 + character.charCodeAt(0)) % 9973;
  return sum % tints;
}
