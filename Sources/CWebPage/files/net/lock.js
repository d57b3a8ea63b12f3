// One tab at a time: the browser's own locks, or, on plain HTTP where there are none, a mark in the storage.

const patience = 10_000;

/**
 * Runs the work while no other tab runs work under the same name.
 * @template Value @param {string} name @param {() => Promise<Value>} work @returns {Promise<Value>}
 */
export function exclusively(name, work) {
  return navigator.locks ? navigator.locks.request(name, work) : withMark(`chat.lock.${name}`, work);
}

async function withMark(key, work) {
  const mine = `${Date.now()} ${Math.random()}`;
  const waitEnds = Date.now() + patience;
  while (localStorage.getItem(key) !== mine) {
    const since = Number((localStorage.getItem(key) ?? '').split(' ')[0]) || 0;
    // A mark that is older belongs to a tab that was closed.
    if (Date.now() - since > patience || Date.now() > waitEnds) localStorage.setItem(key, mine);
    // Two tabs that write at once both look again; the last mark stays.
    await new Promise((resolve) => setTimeout(resolve, 60 + Math.random() * 60));
  }
  try {
    return await work();
  } finally {
    if (localStorage.getItem(key) === mine) localStorage.removeItem(key);
  }
}
