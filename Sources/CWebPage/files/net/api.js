// Requests to the server: tokens, time limits, and problems as errors.

import { Offline, Problem } from './problem.js';

const answerLimit = 30_000;

/** Asks without a token. Throws `Problem` or `Offline`. */
export async function request(method, path, { body, query, token, signal, limit = answerLimit } = {}) {
  const timeout = AbortSignal.timeout(limit);
  let answer;
  try {
    answer = await fetch(address(path, query), {
      method, cache: 'no-store', credentials: 'omit', redirect: 'error',
      headers: {
        Accept: 'application/json',
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...(token ? { Authorization: `Bearer ${token}` } : {}),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
    return await read(answer);
  } catch (error) {
    if (error instanceof Problem || signal?.aborted) throw error;
    throw new Offline();
  }
}

/** The path with its query; fields without a value are left out. */
export function address(path, query = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== '');
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`;
}

async function read(answer) {
  const text = await answer.text();
  const isJSON = /\bjson\b/.test(answer.headers.get('Content-Type') ?? '');
  const content = isJSON && text !== '' ? JSON.parse(text) : text;
  if (answer.ok) return content;
  const wait = Number(answer.headers.get('Retry-After')) || undefined;
  throw new Problem(isJSON ? content : { status: answer.status }, wait);
}

/** Requests of whoever is signed in: a token that is refused is renewed once. */
export class Api {
  /** @param {import('./sessionKeeper.js').SessionKeeper} keeper */
  constructor(keeper) {
    this.keeper = keeper;
  }

  async ask(method, path, options = {}) {
    const token = await this.keeper.token();
    try {
      return await request(method, path, { ...options, token });
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 401) throw error;
      return request(method, path, { ...options, token: await this.keeper.token(token) });
    }
  }

  get(path, query, signal) { return this.ask('GET', path, { query, signal }); }
  post(path, body = {}) { return this.ask('POST', path, { body }); }
  put(path, body = {}) { return this.ask('PUT', path, { body }); }
  patch(path, body) { return this.ask('PATCH', path, { body }); }
  delete(path) { return this.ask('DELETE', path); }
}
