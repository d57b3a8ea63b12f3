// The trays of all conversations: what was attached waits while one looks elsewhere.

import { Tray } from './tray.js';

export class Trays {
  /** @type {Map<string, Tray>} */
  #trays = new Map();

  /** @param {import('./upload.js').Uploader} uploader */
  constructor(uploader) {
    this.uploader = uploader;
  }

  /** @param {string} conversationId @param {() => void} onChange */
  of(conversationId, onChange) {
    const tray = this.#trays.get(conversationId) ?? new Tray(this.uploader);
    this.#trays.set(conversationId, tray);
    tray.onChange = onChange;
    return tray;
  }

  /** Nobody looks at it for now. */
  leave(conversationId) {
    const tray = this.#trays.get(conversationId);
    if (!tray) return;
    tray.onChange = () => {};
    if (tray.isEmpty) this.#trays.delete(conversationId);
  }

  destroy() {
    for (const tray of this.#trays.values()) tray.destroy();
    this.#trays.clear();
  }
}
