// Shows pictures large, one after another.

import { fill, h, iconButton } from '../dom/build.js';
import { t } from '../words/words.js';
import { download } from './attachments.js';

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
    const link = links.get(file.id);
    const picture = link && h('img', { src: link.previewURL ?? link.url, alt: file.name });
    fill(stage, picture ?? h('div', { class: 'spinner' }),
      index > 0 && iconButton('left', t('previous'), () => step(-1), { class: 'step back' }),
      index < files.length - 1 && iconButton('right', t('next'), () => step(1), { class: 'step on' }));
  };
  const element = h('dialog', {
    class: 'viewer', 'aria-labelledby': 'viewer-title',
    on: {
      keydown(event) {
        if (event.key === 'ArrowLeft') step(-1);
        if (event.key === 'ArrowRight') step(1);
      },
      close() {
        end();
        element.remove();
      },
    },
  }, h('header', {}, title,
    iconButton('download', t('downloadThis'), () => download(files[index], links)),
    iconButton('close', t('close'), () => element.close())), stage);
  const end = links.on('changed', () => { if (!stage.querySelector('img')) draw(); });
  document.body.append(element);
  draw();
  element.showModal();
}
