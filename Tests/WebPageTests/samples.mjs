// What the tests of the page share: messages, and chance that can be repeated.

export function message(seq, more = {}) {
  return {
    conversationId: 'c', seq, senderId: 'u', kind: 'message', text: `text ${seq}`, files: [],
    createdAt: new Date(Date.UTC(2026, 0, 1) + seq * 1000).toISOString(), ...more,
  };
}

export const seqs = (timeline) => timeline.messages.map(({ seq }) => seq);

/** Numbers from 0 to 1 that are the same for the same seed. */
export function chance(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function shuffled(items, random) {
  const rest = [...items];
  for (let index = rest.length - 1; index > 0; index -= 1) {
    const other = Math.floor(random() * (index + 1));
    [rest[index], rest[other]] = [rest[other], rest[index]];
  }
  return rest;
}
