// Which rows of a long history are drawn, by their heights: pure arithmetic.

/**
 * Heights of rows by key: measured where they were drawn, estimated where not.
 *
 * Positions come from sums that are made anew after a change; a few thousand additions take well under a millisecond.
 */
export class RowHeights {
  #known = new Map();
  #keys = [];
  #tops = new Float64Array(1);
  #isStale = false;

  /** @param {(key: string) => number} estimate */
  constructor(estimate) {
    this.estimate = estimate;
  }

  /** @param {string[]} keys In order, from the top. */
  setKeys(keys) {
    this.#keys = keys;
    this.#isStale = true;
    // What is not there any more is forgotten now and then.
    if (this.#known.size > 2 * keys.length + 500) {
      const present = new Set(keys);
      for (const key of this.#known.keys()) if (!present.has(key)) this.#known.delete(key);
    }
  }

  /** Whether the height is another than was thought. */
  measured(key, height) {
    if (Math.abs((this.#known.get(key) ?? -1) - height) < 0.5) return false;
    this.#known.set(key, height);
    this.#isStale = true;
    return true;
  }

  /** The width changed: all heights are guesses again, but good ones. */
  heightOf(key) {
    return this.#known.get(key) ?? this.estimate(key);
  }

  get count() { return this.#keys.length; }
  get total() { return this.top(this.#keys.length); }

  /** Where a row begins; behind the last one, where all ends. */
  top(index) {
    this.#settle();
    return this.#tops[Math.max(0, Math.min(index, this.#keys.length))];
  }

  /** The row at a place. */
  indexAt(offset) {
    this.#settle();
    let [from, to] = [0, this.#keys.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (this.#tops[middle + 1] <= offset) from = middle + 1; else to = middle;
    }
    return Math.min(from, Math.max(0, this.#keys.length - 1));
  }

  /**
   * The rows to draw for what is seen, and some more at both sides.
   * @returns {{from: number, to: number, above: number, below: number}} `to` is behind the last one.
   */
  slice(offset, height, margin) {
    if (this.#keys.length === 0) return { from: 0, to: 0, above: 0, below: 0 };
    const from = this.indexAt(Math.max(0, offset - margin));
    const to = Math.min(this.#keys.length, this.indexAt(offset + height + margin) + 1);
    return { from, to, above: this.top(from), below: this.total - this.top(to) };
  }

  #settle() {
    if (!this.#isStale) return;
    this.#isStale = false;
    if (this.#tops.length < this.#keys.length + 1) {
      this.#tops = new Float64Array(Math.ceil(this.#keys.length * 1.5) + 1);
    }
    let sum = 0;
    this.#keys.forEach((key, index) => {
      this.#tops[index] = sum;
      sum += this.heightOf(key);
    });
    this.#tops[this.#keys.length] = sum;
  }
}
