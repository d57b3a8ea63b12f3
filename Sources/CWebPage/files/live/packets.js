// Engine.IO and Socket.IO as texts: pure functions both ways, no connection.

/** Engine.IO's packet types, by their first character. */
export const engine = Object.freeze({
  open: '0', close: '1', ping: '2', pong: '3', message: '4', upgrade: '5', noop: '6',
});

/** Socket.IO's packet types. */
export const kinds = Object.freeze({
  connect: 0, disconnect: 1, event: 2, ack: 3, connectError: 4,
});

const separator = '\u001e';

/** Splits the body of a polling answer into packets. @param {string} body */
export function splitPayload(body) {
  return body === '' ? [] : body.split(separator);
}

/** Joins packets into the body of a polling request. @param {string[]} packets */
export function joinPayload(packets) {
  return packets.join(separator);
}

/**
 * Batches packets so that no body is longer than the server takes.
 * @param {string[]} packets @param {number} limitBytes
 */
export function payloads(packets, limitBytes) {
  const encoder = new TextEncoder();
  const bodies = [];
  let batch = [];
  let bytes = 0;
  for (const packet of packets) {
    const length = encoder.encode(packet).length + 1;
    if (batch.length > 0 && bytes + length > limitBytes) {
      bodies.push(joinPayload(batch));
      batch = [];
      bytes = 0;
    }
    batch.push(packet);
    bytes += length;
  }
  if (batch.length > 0) bodies.push(joinPayload(batch));
  return bodies;
}

/**
 * @typedef {object} SocketPacket
 * @property {number} kind
 * @property {number} [id] Of what is to be acknowledged, or is.
 * @property {any} [data]
 */

/** @param {SocketPacket} packet */
export function writePacket({ kind, id, data }) {
  return `${kind}${id ?? ''}${data === undefined ? '' : JSON.stringify(data)}`;
}

/**
 * Reads a packet of the default namespace; `null` where it is none: then the connection is not to be trusted.
 * @param {string} text @returns {SocketPacket | null}
 */
export function readPacket(text) {
  const match = /^([0-4])(?:(\/[^,]*),)?(\d{0,15})([\s\S]*)$/.exec(text);
  if (!match || (match[2] !== undefined && match[2] !== '/')) return null;
  const kind = Number(match[1]);
  const id = match[3] === '' ? undefined : Number(match[3]);
  if (match[4] === '') return fits(kind, id, undefined) ? { kind, id } : null;
  try {
    const data = JSON.parse(match[4]);
    return fits(kind, id, data) ? { kind, id, data } : null;
  } catch {
    return null;
  }
}

/** Whether the parts belong together, as the protocol says. */
function fits(kind, id, data) {
  switch (kind) {
    case kinds.event: return Array.isArray(data) && typeof data[0] === 'string';
    case kinds.ack: return Array.isArray(data) && id !== undefined;
    case kinds.disconnect: return data === undefined;
    default: return data === undefined || (typeof data === 'object' && data !== null);
  }
}
