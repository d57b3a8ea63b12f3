// Files that are dropped or pasted.

import { h } from '../dom/build.js';
import { t } from '../words/words.js';

/** Takes files that are dropped anywhere on an element, and shows where. Returns what ends it. */
export function takeDrops(element, take) {
  const sign = h('div', { class: 'drop', hidden: true }, t('dropHere'));
  element.append(sign);
  let depth = 0;
  const hasFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes('Files');
  const listeners = {
    dragenter(event) {
      if (!hasFiles(event)) return;
      event.preventDefault();
      depth += 1;
      sign.hidden = false;
    },
    dragover(event) {
      if (hasFiles(event)) event.preventDefault();
    },
    dragleave(event) {
      if (!hasFiles(event)) return;
      depth = Math.max(0, depth - 1);
      sign.hidden = depth === 0;
    },
    drop(event) {
      if (!hasFiles(event)) return;
      event.preventDefault();
      depth = 0;
      sign.hidden = true;
      take([...event.dataTransfer.files]);
    },
  };
  for (const [name, listener] of Object.entries(listeners)) element.addEventListener(name, listener);
  return () => {
    for (const [name, listener] of Object.entries(listeners)) element.removeEventListener(name, listener);
  };
}

/** Takes pasted files; a paste that has text as well stays a paste of text. */
export function takePastes(field, take) {
  const listener = (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length === 0 || event.clipboardData.types.includes('text/plain')) return;
    event.preventDefault();
    take(files);
  };
  field.addEventListener('paste', listener);
  return () => field.removeEventListener('paste', listener);
}
