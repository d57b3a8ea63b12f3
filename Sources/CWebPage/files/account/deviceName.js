// What the list of sessions calls this device.

const browsers = [['Edg/', 'Edge'], ['OPR/', 'Opera'], ['Firefox/', 'Firefox'], ['Chrome/', 'Chrome'],
  ['Safari/', 'Safari']];
const systems = [['Android', 'Android'], ['iPhone', 'iPhone'], ['iPad', 'iPad'], ['Windows', 'Windows'],
  ['Mac OS', 'macOS'], ['Linux', 'Linux']];

/** The browser and its system, as far as it says so. */
export function deviceName(agent = navigator.userAgent) {
  const find = (names) => names.find(([mark]) => agent.includes(mark))?.[1];
  return [find(browsers) ?? 'Browser', find(systems)].filter(Boolean).join(', ');
}
