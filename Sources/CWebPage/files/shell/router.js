// Which page the address names: `#/`, `#/c/ID`, `#/support`, `#/settings`, `#/admin/NAME`.

/**
 * @typedef {{page: 'chats'|'support'|'settings'|'admin', id?: string}} Route
 * @param {string} hash @returns {Route}
 */
export function routeOf(hash) {
  const [page = '', id] = hash.replace(/^#\/?/, '').split('/');
  switch (page) {
    case 'c': return /^[0-9A-Z]{26}$/.test(id ?? '') ? { page: 'chats', id } : { page: 'chats' };
    case 'support': case 'settings': return { page };
    case 'admin': return { page: 'admin', id: /^[a-z]{1,20}$/.test(id ?? '') ? id : 'users' };
    default: return { page: 'chats' };
  }
}

/** @param {string} path Without the `#`. */
export function go(path) {
  location.hash = path;
}
