// Which rows of a long history are drawn, by their heights: pure arithmetic.

/**
 * Heights of rows by key: measured where they were drawn, estimated where not.
 *
 * A row is estimated once. Positions come from sums that are made anew behind what changed: a few thousand additions
 * take some microseconds.
 */
export class RowHeights {
  #known = new Map();
  #guesses = new Map();
  #keys = [];
  #places = new Map();
  #sizes = new Float64Array(0);
  #tops = new Float64Array(1);
  /** Sums up to here are right. */
  #settledTo = 0;

  /** @param {(key: string) => number} estimate */
  constructor(estimate) {
    this.estimate = estimate;
  }

  /** @param {string[]} keys In order, from the top. */
  setKeys(keys) {
    this.#keys = keys;
    this.#places = new Map();
    if (this.#sizes.length < keys.length) {
      this.#sizes = new Float64Array(Math.ceil(keys.length * 1.5));
      this.#tops = new Float64Array(this.#sizes.length + 1);
    }
    keys.forEach((key, index) => {
      this.#places.set(key, index);
      this.#sizes[index] = this.heightOf(key);
    });
    this.#settledTo = 0;
    this.#forget(this.#known);
    this.#forget(this.#guesses);
  }

  /** What is not there any more goes now and then. */
  #forget(heights) {
    if (heights.size <= 2 * this.#keys.length + 500) return;
    for (const key of heights.keys()) if (!this.#places.has(key)) heights.delete(key);
  }

  /** Whether the height is another than was thought. */
  measured(key, height) {
    if (Math.abs((this.#known.get(key) ?? -1) - height) < 0.5) return false;
    this.#known.set(key, height);
    const place = this.#places.get(key);
    if (place !== undefined) {
      this.#sizes[place] = height;
      this.#settledTo = Math.min(this.#settledTo, place);
    }
    return true;
  }

  heightOf(key) {
    const known = this.#known.get(key) ?? this.#guesses.get(key);
    if (known !== undefined) return known;
    const guess = this.estimate(key);
    this.#guesses.set(key, guess);
    return guess;
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
    for (let index = this.#settledTo; index < this.#keys.length; index += 1) {
      this.#tops[index + 1] = this.#tops[index] + this.#sizes[index];
    }
    this.#settledTo = this.#keys.length;
  }
}
