// A message's text with its links to be followed; everything else stays text.

import { h } from '../dom/build.js';

const link = /https?:\/\/[^\s<>"']+/giu;

/** @param {string} text @returns {(string|HTMLElement)[]} */
export function richText(text) {
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(link)) {
    const url = trimmed(match[0]);
    if (!isWeb(url)) continue;
    parts.push(text.slice(end, match.index),
      h('a', { href: url, target: '_blank', rel: 'noopener noreferrer nofollow' }, url));
    end = match.index + url.length;
  }
  parts.push(text.slice(end));
  return parts.filter((part) => part !== '');
}

/** Without what ends the sentence, and without a bracket that was opened before the link. */
export function trimmed(url) {
  let text = url.replace(/[.,;:!?…»”]+$/u, '');
  while (text.endsWith(')') && count(text, ')') > count(text, '(')) text = text.slice(0, -1);
  return text;
}

function count(text, character) {
  return text.split(character).length - 1;
}

function isWeb(url) {
  try {
    return ['http:', 'https:'].includes(new URL(url).protocol);
  } catch {
    return false;
  }
}
