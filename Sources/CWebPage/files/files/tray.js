// The files that go with the next message: how far they are, and the way to take them back.

import { fill, h, icon, iconButton } from '../dom/build.js';
import { notify } from '../dom/notices.js';
import { Problem } from '../net/problem.js';
import { freshId } from '../store/freshId.js';
import { problemText, size, t } from '../words/words.js';

/** Of one message, and sent at once. */
const fileLimit = 20;
const atOnce = 3;

/**
 * @typedef {object} Upload
 * @property {string} key
 * @property {File} file
 * @property {'waiting'|'sending'|'done'|'failed'} state
 * @property {number} progress From 0 to 1.
 * @property {AbortController} abort
 * @property {string} [picture] An address of the picture in this page.
 * @property {import('../store/types.js').FileInfo} [info]
 * @property {string} [fault]
 */

export class Tray {
  /** @type {Upload[]} */
  #uploads = [];
  #elements = new Map();

  /** Hears of every change. */
  onChange = () => {};

  /** @param {import('./upload.js').Uploader} uploader */
  constructor(uploader) {
    this.uploader = uploader;
    this.element = h('ul', { class: 'tray', 'aria-label': t('attachments'), hidden: true });
  }

  get isEmpty() { return this.#uploads.length === 0; }
  get hasFiles() { return this.#uploads.some(({ state }) => state === 'done'); }
  get isBusy() { return this.#uploads.some(({ state }) => state === 'waiting' || state === 'sending'); }

  /** @param {File[]} files */
  add(files) {
    const room = fileLimit - this.#uploads.length;
    if (files.length > room) notify(t('tooManyFiles', { n: fileLimit }), 'bad');
    for (const file of files.slice(0, room)) {
      const isPicture = /^image\/(png|jpeg|gif|webp|avif)$/.test(file.type);
      this.#uploads.push({
        key: freshId(), file, state: 'waiting', progress: 0, abort: new AbortController(),
        picture: isPicture ? URL.createObjectURL(file) : undefined,
      });
    }
    this.#changed();
    this.#work();
  }

  /** The finished files; the tray is empty then. @returns {import('../store/types.js').FileInfo[]} */
  take() {
    const files = this.#uploads.filter(({ state }) => state === 'done').map(({ info }) => info);
    for (const upload of this.#uploads) release(upload);
    this.#uploads = [];
    this.#changed();
    return files;
  }

  destroy() {
    for (const upload of [...this.#uploads]) this.#remove(upload);
  }

  #work() {
    const running = this.#uploads.filter(({ state }) => state === 'sending').length;
    for (const upload of this.#uploads.filter(({ state }) => state === 'waiting').slice(0, Math.max(0, atOnce - running))) {
      this.#send(upload);
    }
  }

  async #send(upload) {
    Object.assign(upload, { state: 'sending', progress: 0, fault: undefined });
    this.#changed();
    try {
      upload.info = await this.uploader.upload(upload.file, {
        signal: upload.abort.signal,
        onProgress: (progress) => {
          upload.progress = progress;
          this.#drawProgress(upload);
        },
      });
      upload.state = 'done';
    } catch (error) {
      if (upload.abort.signal.aborted) return;
      upload.state = 'failed';
      const takesNone = error instanceof Problem && [404, 405].includes(error.status);
      upload.fault = takesNone ? t('problem.noFiles') : problemText(error);
    }
    this.#changed();
    this.#work();
  }

  #remove(upload) {
    upload.abort.abort();
    if (upload.info) this.uploader.discard(upload.info.id);
    release(upload);
    this.#uploads = this.#uploads.filter((each) => each !== upload);
    this.#changed();
    this.#work();
  }

  #changed() {
    this.element.hidden = this.#uploads.length === 0;
    fill(this.element, this.#uploads.map((upload) => this.#draw(upload)));
    this.onChange();
  }

  #draw(upload) {
    const { file, state, fault, picture } = upload;
    const bar = h('progress', { max: '1', 'aria-label': t('uploading', { name: file.name }) });
    bar.value = upload.progress;
    this.#elements.set(upload, bar);
    const line = state === 'failed' ? h('span', { class: 'fault', role: 'alert' }, fault)
      : state === 'done' ? h('span', { class: 'soft' }, size(file.size)) : bar;
    return h('li', { class: `upload ${state}` },
      picture ? h('img', { src: picture, alt: '' }) : h('span', { class: 'upload-sign' }, icon('file')),
      h('span', { class: 'upload-words' }, h('span', { class: 'one-line' }, file.name), line),
      state === 'failed' && iconButton('retry', t('tryAgain'), () => this.#send(upload)),
      iconButton('close', t('takeOut', { name: file.name }), () => this.#remove(upload)));
  }

  #drawProgress(upload) {
    const bar = this.#elements.get(upload);
    if (bar) bar.value = upload.progress;
  }
}

function release({ picture }) {
  if (picture) URL.revokeObjectURL(picture);
}
