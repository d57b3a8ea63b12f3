// Sends bytes and tells how far it came: `fetch` tells nothing of what was sent, so this is the older way.

import { Offline, Problem } from '../net/problem.js';

/**
 * @param {{method: string, path: string, headers: Record<string, string>, body: any, onProgress: (sent: number) => void,
 *   signal: AbortSignal}} what `onProgress` gets bytes.
 * @returns {Promise<XMLHttpRequest>} Throws `Problem`, `Offline`, or what the signal says.
 */
export function sendBytes({ method, path, headers, body, onProgress, signal }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const abort = () => request.abort();
    const done = (act) => () => {
      signal.removeEventListener('abort', abort);
      act();
    };
    request.open(method, path);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded }) => onProgress(loaded);
    request.onload = done(() => (request.status < 300 ? resolve(request) : reject(problemOf(request))));
    request.onerror = done(() => reject(new Offline()));
    request.onabort = done(() => reject(signal.reason ?? new Offline()));
    signal.addEventListener('abort', abort);
    request.send(body);
    if (signal.aborted) request.abort();
  });
}

function problemOf(request) {
  const wait = Number(request.getResponseHeader('Retry-After')) || undefined;
  try {
    return new Problem({ ...JSON.parse(request.responseText), status: request.status }, wait);
  } catch {
    return new Problem({ status: request.status }, wait);
  }
}
