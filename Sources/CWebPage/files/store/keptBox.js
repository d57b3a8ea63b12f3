// Where it is kept what waits to be sent: over reloads, and over the end of a tab until another tab takes it up.

import { freshId } from './freshId.js';

const tabKey = 'chat.tab';
const prefixOf = (user) => `chat.outbox.${user}.`;

/**
 * Each tab has a box of its own, so that tabs do not write over each other. A tab that lives holds a lock of its name;
 * the box of one that does not is free for who comes. Where browsers know no locks, which is on plain HTTP, a box waits
 * for its own tab. That two tabs send the same message does no harm: its `clientId` lets the server take it once.
 */
export class KeptBox {
  #tab;
  #letGo = () => {};

  /** @param {string} user @param {{local: Storage, session: Storage, locks?: LockManager}} browser */
  constructor(user, { local, session, locks }) {
    Object.assign(this, { user, local, session, locks });
    this.#tab = session.getItem(tabKey) ?? freshId();
    session.setItem(tabKey, this.#tab);
  }

  get #key() { return prefixOf(this.user) + this.#tab; }

  read() { return this.local.getItem(this.#key); }

  /** What is empty takes no room. A storage that is full keeps what it had; the page goes on without. */
  write(text) {
    try {
      if (text === '[]') this.local.removeItem(this.#key); else this.local.setItem(this.#key, text);
    } catch {
      // The message is sent all the same while the page is open.
    }
  }

  /** Takes up what tabs left that are gone. @param {(text: string) => void} take Gets what such a tab wrote last. */
  async begin(take) {
    if (!this.locks) return;
    // A tab that was duplicated begins with the name of the other.
    if (!await this.#hold()) {
      const text = this.read();
      this.#tab = freshId();
      this.session.setItem(tabKey, this.#tab);
      if (text !== null) this.write(text);
      await this.#hold();
    }
    for (const key of this.#others()) {
      await this.locks.request(lockOf(key), { ifAvailable: true }, (lock) => {
        const text = lock && this.local.getItem(key);
        if (!text) return;
        take(text);
        this.local.removeItem(key);
      });
    }
  }

  /** The tab signs out, or shows somebody else. */
  end() {
    this.#letGo();
  }

  /** Nothing of that person stays on this device. */
  static clear(user, local) {
    for (const key of Object.keys(local)) if (key.startsWith(prefixOf(user))) local.removeItem(key);
  }

  #others() {
    return Object.keys(this.local).filter((key) => key.startsWith(prefixOf(this.user)) && key !== this.#key);
  }

  /** Holds the lock of its own name as long as it is in use; whether it got it. */
  #hold() {
    return new Promise((resolve) => {
      this.locks.request(lockOf(this.#key), { ifAvailable: true }, (lock) => {
        resolve(lock !== null);
        return lock && new Promise((letGo) => { this.#letGo = letGo; });
      }).catch(() => resolve(true));
    });
  }
}

function lockOf(key) {
  return `chat.box ${key}`;
}
