// Sends a large file in pieces (tus 1.0.0): what arrived stays, and a broken connection costs one piece at most.

import { backoff } from '../live/backoff.js';
import { Offline, Problem } from '../net/problem.js';
import { sendBytes } from './xhr.js';

const version = { 'Tus-Resumable': '1.0.0' };
const pieceBytes = 8 << 20;
/** Failures in a row without anything that arrived. */
const failuresMost = 8;

/**
 * @param {File} file
 * @param {{token: (refused?: string) => Promise<string>, onProgress: (part: number) => void, signal: AbortSignal}} how
 * @returns {Promise<string>} The id of the file. Throws `Problem` or `Offline`.
 */
export async function uploadInPieces(file, how) {
  const path = await create(file, how);
  try {
    await sendPieces(file, path, how);
  } catch (error) {
    if (how.signal.aborted) await end(path, how);
    throw error;
  }
  return path.slice(path.lastIndexOf('/') + 1);
}

async function create(file, { token, signal }) {
  const request = await sendBytes({
    method: 'POST', path: '/api/uploads', body: null, signal, onProgress() {},
    headers: {
      ...version, ...bearer(await token()), 'Upload-Length': String(file.size),
      'Upload-Metadata': `filename ${base64(file.name)}`,
    },
  });
  // Only the path counts: behind a proxy the server may think that it has another name.
  return new URL(request.getResponseHeader('Location'), location.href).pathname;
}

async function sendPieces(file, path, how) {
  let [offset, failures, refused] = [0, 0, undefined];
  while (offset < file.size) {
    const used = await how.token(refused);
    try {
      offset = await sendPiece(file, path, offset, used, how);
      [failures, refused] = [0, undefined];
    } catch (error) {
      failures += 1;
      if (!mayPass(error) || failures > failuresMost || how.signal.aborted) throw error;
      refused = error.status === 401 ? used : undefined;
      await pause(Math.max((error.retryAfter ?? 0) * 1000, backoff(failures)), how.signal);
      offset = await arrived(path, how).catch(() => offset);
    }
  }
}

function mayPass(error) {
  return error instanceof Offline
    || (error instanceof Problem && (error.isPassing || [401, 409, 423].includes(error.status)));
}

async function sendPiece(file, path, offset, token, { onProgress, signal }) {
  const request = await sendBytes({
    method: 'PATCH', path, signal, body: file.slice(offset, offset + pieceBytes),
    onProgress: (sent) => onProgress((offset + sent) / file.size),
    headers: {
      ...version, ...bearer(token), 'Upload-Offset': String(offset), 'Content-Type': 'application/offset+octet-stream',
    },
  });
  return Number(request.getResponseHeader('Upload-Offset'));
}

/** How much of it the server has. */
async function arrived(path, { token, signal }) {
  const headers = { ...version, ...bearer(await token()) };
  const answer = await fetch(path, { method: 'HEAD', headers, signal, cache: 'no-store' });
  if (!answer.ok) throw new Problem({ status: answer.status });
  return Number(answer.headers.get('Upload-Offset'));
}

/** What will not be finished takes no room. */
async function end(path, { token }) {
  try {
    await fetch(path, { method: 'DELETE', headers: { ...version, ...bearer(await token()) }, keepalive: true });
  } catch {
    // The server removes it after a day.
  }
}

function pause(time, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, time);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason);
    }, { once: true });
  });
}

function bearer(token) {
  return { Authorization: `Bearer ${token}` };
}

/** Of the text's UTF-8, as tus has it. */
export function base64(text) {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
