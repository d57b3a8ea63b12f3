// Sends one file to the server, with progress and the way to stop it.

import { Offline, Problem, SignedOut } from '../net/problem.js';

/** Uploads files for whoever is signed in. */
export class Uploader {
  /** @param {import('../net/sessionKeeper.js').SessionKeeper} keeper */
  constructor(keeper) {
    this.keeper = keeper;
  }

  /**
   * @param {File} file @param {{onProgress: (part: number) => void, signal: AbortSignal}} how
   * @returns {Promise<import('../store/types.js').FileInfo>} Throws `Problem` or `Offline`.
   */
  async upload(file, how) {
    const token = await this.keeper.token();
    try {
      return await send(file, token, how);
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 401) throw error;
      return send(file, await this.keeper.token(token), how);
    }
  }

  /** An upload that will not be sent; if this fails, the server removes it after a day. */
  async discard(id) {
    try {
      const token = await this.keeper.token();
      await fetch(`/api/files/${id}`, { method: 'DELETE', headers: { Authorization: `Bearer ${token}` }, keepalive: true });
    } catch (error) {
      if (!(error instanceof TypeError) && !(error instanceof Offline) && !(error instanceof SignedOut)) throw error;
    }
  }
}

/** `fetch` tells nothing of what was sent so far, so this is the older way. */
function send(file, token, { onProgress, signal }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const body = new FormData();
    body.append('file', file, file.name);
    const abort = () => request.abort();
    const done = (act) => () => {
      signal.removeEventListener('abort', abort);
      act();
    };
    request.open('POST', '/api/files');
    request.setRequestHeader('Authorization', `Bearer ${token}`);
    request.setRequestHeader('Accept', 'application/json');
    request.upload.onprogress = ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0);
    request.onload = done(() => answered(request, resolve, reject));
    request.onerror = done(() => reject(new Offline()));
    request.onabort = done(() => reject(signal.reason ?? new Offline()));
    signal.addEventListener('abort', abort);
    if (signal.aborted) return request.abort();
    request.send(body);
  });
}

function answered(request, resolve, reject) {
  let content = {};
  try {
    content = JSON.parse(request.responseText);
  } catch {
    content = { status: request.status };
  }
  if (request.status === 201 || request.status === 200) return resolve(content);
  const wait = Number(request.getResponseHeader('Retry-After')) || undefined;
  reject(new Problem({ ...content, status: request.status }, wait));
}
