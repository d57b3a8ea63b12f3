// Keeps the session of this device: one for all tabs, renewed by one tab at a time.

import { Emitter } from '../store/emitter.js';
import { exclusively } from './lock.js';
import { Offline, Problem, SignedOut } from './problem.js';

const key = 'chat.session';
/** A token that is over sooner is renewed first. */
const leastLeft = 30_000;

/**
 * A refresh token is good once, and showing it twice ends the session. So it is only ever used under a lock that all
 * tabs share, and whoever gets the lock looks first whether another tab was faster.
 *
 * Tells: `changed` when tokens or user are others, `ended` when nobody is signed in any more.
 */
export class SessionKeeper extends Emitter {
  /** @type {import('../store/types.js').Session | null} */
  #session = null;
  #timer = 0;
  #renewal = null;

  /** @param {(refreshToken: string) => Promise<any>} renew Asks the server. */
  constructor(renew) {
    super();
    this.renew = renew;
    this.#session = stored();
    this.#plan();
    addEventListener('storage', (event) => {
      if (event.key === key || event.key === null) this.#adopt(stored());
    });
  }

  get user() {
    return this.#session?.user ?? null;
  }

  get isSignedIn() {
    return this.#session !== null;
  }

  /** @param {any} signedIn The server's answer to a sign-in. */
  begin(signedIn) {
    const session = {
      user: signedIn.user, accessToken: signedIn.accessToken, refreshToken: signedIn.refreshToken,
      expiresAt: Date.now() + signedIn.expiresIn * 1000,
    };
    localStorage.setItem(key, JSON.stringify(session));
    this.#adopt(session);
  }

  /** The account was changed. @param {import('../store/types.js').User} user */
  note(user) {
    const session = stored() ?? this.#session;
    if (!session) return;
    localStorage.setItem(key, JSON.stringify({ ...session, user }));
    this.#adopt({ ...session, user });
  }

  end() {
    localStorage.removeItem(key);
    this.#adopt(null);
  }

  /**
   * An access token that is good for a while. Throws `SignedOut`, or `Offline`.
   * @param {string} [refused] One that the server did not take.
   */
  async token(refused) {
    const session = this.#session;
    if (!session) throw new SignedOut();
    if (isGood(session, refused)) return session.accessToken;
    this.#renewal ??= exclusively('chat.session', () => this.#renewOnce(refused)).finally(() => {
      this.#renewal = null;
    });
    await this.#renewal;
    if (!this.#session) throw new SignedOut();
    return this.#session.accessToken;
  }

  async #renewOnce(refused) {
    const session = stored();
    if (!session) {
      this.#adopt(null);
      throw new SignedOut();
    }
    if (isGood(session, refused)) return this.#adopt(session);
    try {
      this.begin(await this.renew(session.refreshToken));
    } catch (error) {
      if (error instanceof Problem && [400, 401, 403].includes(error.status)) {
        this.end();
        throw new SignedOut();
      }
      // Whether the token was used up is not known; the next try finds out.
      throw error instanceof Problem && error.isPassing ? new Offline() : error;
    }
  }

  #adopt(session) {
    const before = this.#session;
    this.#session = session;
    this.#plan();
    if (!session) {
      if (before) this.emit('ended');
    } else if (JSON.stringify(session) !== JSON.stringify(before)) {
      this.emit('changed', { isNewUser: session.user.id !== before?.user.id });
    }
  }

  /** Renews a little before it is needed, each tab at another moment: the first does it for all. */
  #plan() {
    clearTimeout(this.#timer);
    if (!this.#session) return;
    const left = this.#session.expiresAt - Date.now() - leastLeft * (1.5 + Math.random());
    this.#timer = setTimeout(() => {
      this.token(left <= 0 ? undefined : this.#session?.accessToken).catch(() => {});
    }, Math.min(2 ** 31 - 1, Math.max(5_000, left)));
  }
}

function isGood(session, refused) {
  return session.accessToken !== refused && session.expiresAt - Date.now() > leastLeft;
}

/** What the storage holds, if it is a session at all. @returns {import('../store/types.js').Session | null} */
function stored() {
  try {
    const session = JSON.parse(localStorage.getItem(key) ?? 'null');
    const isWhole = typeof session?.refreshToken === 'string' && typeof session.accessToken === 'string'
      && typeof session.user?.id === 'string' && typeof session.expiresAt === 'number';
    return isWhole ? session : null;
  } catch {
    return null;
  }
}
