// The files of a message as it shows them: pictures in their place, everything else by name.

import { h, icon } from '../dom/build.js';
import { notify } from '../dom/notices.js';
import { problemText, size, t } from '../words/words.js';
import { fillPicturePlace } from './picturePlace.js';

/** Where a picture may be shown without asking what is in it; the server measured these. */
const shown = /^image\/(png|jpeg|gif|webp|avif|heic|heif)/;
const widest = 352;
const highest = 320;

/** @param {import('../store/types.js').FileInfo} file */
export function isPicture(file) {
  return shown.test(file.contentType) && file.width > 0 && file.height > 0;
}

/** @param {any} content @param {import('../chat/messageRow.js').RowContext} context */
export function attachments(content, context) {
  const files = content.files ?? [];
  if (files.length === 0) return null;
  const pictures = files.filter(isPicture);
  const others = files.filter((file) => !isPicture(file));
  return [
    pictures.length > 0 && h('div', { class: 'pictures' }, pictures.map((file) => picture(file, content, context))),
    others.map((file) => named(file, context)),
  ];
}

/** Its place has the right shape before it comes, so nothing moves. */
function picture(file, content, { links, view }) {
  const scale = Math.min(1, widest / file.width, highest / file.height);
  const element = h('button', {
    type: 'button', class: 'picture', tabindex: '-1', 'aria-label': t('showPicture', { name: file.name }),
    on: { click: () => view(content, file) },
  });
  element.style.setProperty('--picture-width', `${Math.max(48, Math.round(file.width * scale))}px`);
  element.style.setProperty('--picture-shape', `${file.width} / ${file.height}`);
  fillPicturePlace(element, file, links, 'small');
  return element;
}

function named(file, { links }) {
  return h('button', {
    type: 'button', class: 'file', tabindex: '-1', 'aria-label': t('download', { name: file.name }),
    on: { click: () => download(file, links) },
  }, icon('file'), h('span', { class: 'person-words' },
    h('span', { class: 'one-line' }, file.name), h('span', { class: 'soft small-text' }, size(file.size))),
  icon('download'));
}

/** Links are short-lived, so one is fetched at the press. */
export async function download(file, links) {
  try {
    const link = await links.fresh(file.id);
    if (!link) return notify(t('fileGone'), 'bad');
    const anchor = h('a', { href: link.url, download: file.name, rel: 'noopener' });
    document.body.append(anchor);
    anchor.click();
    anchor.remove();
  } catch (error) {
    notify(problemText(error), 'bad');
  }
}
