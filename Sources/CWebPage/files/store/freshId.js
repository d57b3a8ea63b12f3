// Ids that the page makes itself.

/** An id for something of one's own; `randomUUID` is there on HTTPS alone. */
export function freshId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
