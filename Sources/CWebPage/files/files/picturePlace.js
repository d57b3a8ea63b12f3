// Fills the place of a picture: with the picture as soon as there is one, else with a sign that says why not.

import { fill, h, icon } from '../dom/build.js';
import { t } from '../words/words.js';

/** What browsers show by themselves. */
const shownByAll = /^image\/(png|jpeg|gif|webp|avif)$/;
/** Where the server makes no small pictures, larger originals are not fetched for a chat window. */
const originalMost = 2_000_000;
const triesMost = 5;
/** The first who looks waits for the making of a small picture. */
const firstPause = 1500;

/**
 * @param {HTMLElement} place @param {import('../store/types.js').FileInfo} file
 * @param {import('./links.js').FileLinks} links
 * @param {'small'|'large'} size Small is for chat windows, large for the viewer.
 */
export function fillPicturePlace(place, file, links, size) {
  let tries = 0;
  const show = (link) => {
    if (link === null) return say(place, 'warning', t('fileGone'));
    const address = addressOf(file, link, size);
    if (!address) return say(place, 'picture', file.name);
    fill(place, h('img', { src: address, alt: '', decoding: 'async', on: { error: again } }));
  };
  const again = () => {
    tries += 1;
    if (tries >= triesMost) return say(place, 'picture', file.name);
    setTimeout(() => { if (place.isConnected) load(); }, firstPause * tries);
  };
  const load = () => links.fresh(file.id).then(show, again);
  const known = links.good(file.id);
  if (known) show(known); else load();
}

function addressOf(file, link, size) {
  const original = shownByAll.test(file.contentType) && (size === 'large' || file.size <= originalMost)
    ? link.url : undefined;
  return size === 'small' ? link.thumbnailURL ?? link.previewURL ?? original : link.previewURL ?? original;
}

function say(place, sign, words) {
  fill(place, h('span', { class: 'no-picture' }, icon(sign), h('span', { class: 'one-line' }, words)));
}
