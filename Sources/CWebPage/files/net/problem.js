// What can go wrong between page and server, as values to decide by.

/** The server refused, and said why (RFC 9457). */
export class Problem extends Error {
  /**
   * @param {{status?: number, detail?: string, title?: string, requestId?: string,
   *   errors?: {field: string, message: string}[]}} document
   * @param {number} [retryAfter] Seconds.
   */
  constructor(document, retryAfter) {
    super(document.detail ?? document.title ?? `status ${document.status ?? 'unknown'}`);
    this.name = 'Problem';
    this.status = document.status ?? 500;
    this.requestId = document.requestId;
    /** @type {{field: string, message: string}[]} */
    this.errors = document.errors ?? [];
    this.retryAfter = retryAfter;
  }

  /** Whether the same may succeed later. */
  get isPassing() {
    return this.status === 429 || this.status >= 500;
  }
}

/** Nobody answered: whether it was done is not known. */
export class Offline extends Error {
  constructor() {
    super('nobody answers');
    this.name = 'Offline';
  }
}

/** Nobody is signed in on this device, any more or yet. */
export class SignedOut extends Error {
  constructor() {
    super('nobody is signed in');
    this.name = 'SignedOut';
  }
}
