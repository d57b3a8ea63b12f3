// Shows pictures large, one after another.

import { fill, h, iconButton } from '../dom/build.js';
import { t } from '../words/words.js';
import { download } from './attachments.js';
import { fillPicturePlace } from './picturePlace.js';

/**
 * @param {import('../store/types.js').FileInfo[]} files @param {import('../store/types.js').FileInfo} first
 * @param {import('./links.js').FileLinks} links
 */
export function openViewer(files, first, links) {
  let index = Math.max(0, files.findIndex(({ id }) => id === first.id));
  const title = h('h2', { class: 'one-line', id: 'viewer-title' });
  const stage = h('div', { class: 'viewer-stage' });
  const step = (by) => {
    index = Math.min(files.length - 1, Math.max(0, index + by));
    draw();
  };
  const draw = () => {
    const file = files[index];
    title.textContent = file.name;
    const place = h('div', { class: 'viewer-picture', role: 'img', 'aria-label': file.name }, h('div', { class: 'spinner' }));
    fill(stage, place,
      index > 0 && iconButton('left', t('previous'), () => step(-1), { class: 'step back' }),
      index < files.length - 1 && iconButton('right', t('next'), () => step(1), { class: 'step on' }));
    fillPicturePlace(place, file, links, 'large');
  };
  const element = h('dialog', {
    class: 'viewer', 'aria-labelledby': 'viewer-title',
    on: {
      keydown(event) {
        if (event.key === 'ArrowLeft') step(-1);
        if (event.key === 'ArrowRight') step(1);
      },
      close: () => element.remove(),
    },
  }, h('header', {}, title,
    iconButton('download', t('downloadThis'), () => download(files[index], links)),
    iconButton('close', t('close'), () => element.close())), stage);
  document.body.append(element);
  draw();
  element.showModal();
}
