// Who wants to hear of something says so here.

/** Tells listeners of named things, in the order in which they came. */
export class Emitter {
  #listeners = new Map();

  /** @param {string} name @param {(news?: any) => void} listener @returns {() => void} Ends it. */
  on(name, listener) {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners);
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#listeners.get(name) === listeners) this.#listeners.delete(name);
    };
  }

  emit(name, news) {
    for (const listener of [...(this.#listeners.get(name) ?? [])]) listener(news);
  }
}
