// Messages that others answer, as far as they are known.

export class Quotes {
  #found = new Map();

  /**
   * @param {{find: (seq: number) => any, load: (seq: number) => Promise<any>, onFound: () => void}} parts `find` knows what
   * is loaded; `load` asks for one.
   */
  constructor(parts) {
    Object.assign(this, parts);
  }

  /** The message; `undefined` while it is looked for, `null` where there is none. */
  get(seq) {
    const loaded = this.find(seq);
    if (loaded) return loaded;
    if (!this.#found.has(seq)) {
      this.#found.set(seq, undefined);
      this.load(seq).then((message) => this.#found.set(seq, message), () => this.#found.set(seq, null)).then(this.onFound);
    }
    return this.#found.get(seq);
  }
}
