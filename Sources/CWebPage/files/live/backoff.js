// How long to wait before trying again.

/**
 * Waits that double, with chance in them so that ten thousand pages do not come back in the same moment.
 * @param {number} failures How often it failed in a row, from 1.
 * @param {{first?: number, most?: number, chance?: () => number}} [settings] In milliseconds.
 */
export function backoff(failures, { first = 500, most = 20_000, chance = Math.random } = {}) {
  const whole = Math.min(most, first * 2 ** Math.min(30, Math.max(0, failures - 1)));
  return Math.round(whole * (0.5 + chance() / 2));
}
