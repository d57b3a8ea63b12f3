// Which page the address names: `#/`, `#/c/ID`, `#/support`, `#/settings`, `#/admin/NAME`, `#/admin/archives/ID`.

/**
 * @typedef {{page: 'chats'|'support'|'settings'|'admin', id?: string, item?: string}} Route
 * @param {string} hash @returns {Route}
 */
export function routeOf(hash) {
  const [page = '', id, item] = hash.replace(/^#\/?/, '').split('/');
  switch (page) {
    case 'c': return isId(id) ? { page: 'chats', id } : { page: 'chats' };
    case 'support': case 'settings': return { page };
    case 'admin': return { page: 'admin', id: /^[a-z]{1,20}$/.test(id ?? '') ? id : 'users', ...(isId(item) ? { item } : {}) };
    default: return { page: 'chats' };
  }
}

function isId(text) {
  return /^[0-9A-Z]{26}$/.test(text ?? '');
}

/** @param {string} path Without the `#`. */
export function go(path) {
  location.hash = path;
}
