// How far somebody has seen a conversation: what is on the screen of who looks is read.

const readAfter = 250;

export class Seen {
  #seq = 0;
  #timer = 0;

  /** @param {(seq: number) => void} tell Gets the newest seq that was looked at for a moment. */
  constructor(tell) {
    this.tell = tell;
  }

  /** Something is on the screen, whether somebody looks or not. @param {number} seq */
  note(seq) {
    if (seq <= this.#seq) return;
    this.#seq = seq;
    this.look();
  }

  /** Perhaps somebody looks by now. */
  look() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (!document.hidden && document.hasFocus() && this.#seq > 0) this.tell(this.#seq);
    }, readAfter);
  }

  stop() {
    clearTimeout(this.#timer);
  }
}
