// Reads the numbers that the server shows to Prometheus.

/** The samples without labels, by name. @param {string} text Of Prometheus. @returns {Map<string, number>} */
export function readMetrics(text) {
  const found = new Map();
  for (const line of text.split('\n')) {
    const match = /^([a-z_:][a-z0-9_:]*) ([0-9.eE+]+)$/.exec(line);
    if (match && Number.isFinite(Number(match[2]))) found.set(match[1], Number(match[2]));
  }
  return found;
}
