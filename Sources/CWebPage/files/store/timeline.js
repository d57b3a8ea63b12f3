// The loaded part of one conversation: messages from pages and events, in whatever order they come.

/** Amendments of messages that are not loaded are remembered, so many of them. */
const amendmentLimit = 300;

/**
 * One run of messages without gaps, from `low` to `high`; `(conversationId, seq)` is a message's identity.
 *
 * Edits and deletions have seqs of their own that are never shown, so a gap between two seqs means nothing. What makes
 * the run whole is where it came from: pages that touch it, and events heard without a break.
 */
export class Timeline {
  /** @type {import('./types.js').Message[]} In rising seq. */
  messages = [];
  /** Whether there is more on the server before, or behind, what is loaded. */
  hasOlder = true;
  hasNewer = false;
  /** No page came yet. */
  isBlank = true;
  /** Everything up to here was seen; what catching up begins from. */
  knownSeq = 0;
  /** Rises with each change. */
  version = 0;
  #amendments = new Map();

  get low() { return this.messages[0]?.seq ?? Infinity; }
  get high() { return this.messages.at(-1)?.seq ?? 0; }

  /** @param {number} seq */
  find(seq) {
    const index = this.#place(seq);
    return this.messages[index]?.seq === seq ? this.messages[index] : undefined;
  }

  /** Where a seq is, or would be. @param {number} seq */
  indexOf(seq) { return this.#place(seq); }

  /**
   * A page from the end of the conversation, or from around a message: takes the place of what was loaded.
   * @param {import('./types.js').Message[]} messages @param {{hasOlder: boolean, hasNewer: boolean}} more
   */
  reset(messages, { hasOlder, hasNewer }) {
    // What was heard meanwhile is behind the page, and belongs to its end.
    const heard = hasNewer || this.hasNewer
      ? [] : this.messages.filter(({ seq }) => seq > (messages.at(-1)?.seq ?? this.high));
    for (const message of this.messages) this.#remember(message);
    this.messages = [];
    Object.assign(this, { hasOlder, hasNewer, isBlank: false });
    this.#mergeAll(messages);
    this.#mergeAll(heard);
    this.version += 1;
  }

  /** The page that ends before `low`. */
  prepend(messages, hasOlder) {
    this.hasOlder = hasOlder;
    this.#mergeAll(messages);
    this.version += 1;
  }

  /** The page that begins behind `high`. */
  append(messages, hasNewer) {
    this.#mergeAll(messages);
    this.hasNewer = hasNewer;
    this.version += 1;
  }

  /**
   * A message or amendment as it is now, from an event, an acknowledgement or a catching up. Whether it changed
   * anything that is loaded.
   */
  hear(message) {
    const isLoaded = message.seq >= this.low && message.seq <= this.high;
    const isNew = (message.seq > this.high || this.isBlank) && !this.hasNewer;
    if (!isLoaded && !isNew) {
      this.#remember(message);
      return false;
    }
    const isChanged = this.#merge(message);
    if (isChanged) this.version += 1;
    return isChanged;
  }

  /** Everything up to here was heard or read. */
  reach(seq) {
    this.knownSeq = Math.max(this.knownSeq, seq);
  }

  /** Forgets what is far from what is shown, so that memory stays bounded. */
  trim(limit, keepsEnd) {
    const excess = this.messages.length - limit;
    if (excess <= 0) return;
    if (keepsEnd) {
      this.messages.splice(0, excess);
      this.hasOlder = true;
    } else {
      this.messages.splice(limit);
      this.hasNewer = true;
    }
    this.version += 1;
  }

  #mergeAll(messages) {
    for (const message of messages) this.#merge(message);
  }

  #merge(message) {
    const remembered = this.#amendments.get(message.seq);
    if (remembered) this.#amendments.delete(message.seq);
    const newest = remembered && isNewer(remembered, message) ? remembered : message;
    const index = this.#place(newest.seq);
    const present = this.messages[index];
    if (present?.seq !== newest.seq) {
      this.messages.splice(index, 0, newest);
      return true;
    }
    if (!isNewer(newest, present)) return false;
    this.messages[index] = newest;
    return true;
  }

  /** A page that was asked for before an edit may arrive after it. */
  #remember(message) {
    if (!message.editedAt && !message.deletedAt) return;
    const known = this.#amendments.get(message.seq);
    if (known && !isNewer(message, known)) return;
    this.#amendments.delete(message.seq);
    this.#amendments.set(message.seq, message);
    if (this.#amendments.size > amendmentLimit) {
      this.#amendments.delete(this.#amendments.keys().next().value);
    }
  }

  #place(seq) {
    let [from, to] = [0, this.messages.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (this.messages[middle].seq < seq) from = middle + 1; else to = middle;
    }
    return from;
  }
}

/** Whether one state of a message replaces another: deleted stays deleted, the later edit counts. */
export function isNewer(one, other) {
  if (other.deletedAt) return false;
  if (one.deletedAt) return true;
  return (one.editedAt ?? '') > (other.editedAt ?? '');
}
