// Brings files to the server: small ones at once, large ones in pieces.

import { Problem } from '../net/problem.js';
import { uploadInPieces } from './resumable.js';
import { sendBytes } from './xhr.js';

/** Above that a broken connection would cost too much. */
const atOnceBytes = 16 << 20;

/** Uploads files for whoever is signed in. */
export class Uploader {
  /** @param {import('../net/api.js').Api} api */
  constructor(api) {
    this.api = api;
  }

  /**
   * @param {File} file @param {{onProgress: (part: number) => void, signal: AbortSignal}} how
   * @returns {Promise<import('../store/types.js').FileInfo>} Throws `Problem` or `Offline`.
   */
  async upload(file, how) {
    const { keeper } = this.api;
    if (file.size > atOnceBytes) {
      const id = await uploadInPieces(file, { ...how, token: (refused) => keeper.token(refused) });
      return this.api.get(`/api/files/${id}`);
    }
    const token = await keeper.token();
    try {
      return await sendForm(file, token, how);
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 401) throw error;
      return sendForm(file, await keeper.token(token), how);
    }
  }

  /** An upload that will not be sent; if this fails, the server removes it after a day. */
  discard(id) {
    this.api.delete(`/api/files/${id}`).catch(() => {});
  }
}

async function sendForm(file, token, { onProgress, signal }) {
  const body = new FormData();
  body.append('file', file, file.name);
  const request = await sendBytes({
    method: 'POST', path: '/api/files', body, signal,
    headers: { Authorization: `Bearer ${token}`, Accept: 'application/json' },
    onProgress: (sent) => onProgress(file.size > 0 ? Math.min(1, sent / file.size) : 1),
  });
  return JSON.parse(request.responseText);
}
