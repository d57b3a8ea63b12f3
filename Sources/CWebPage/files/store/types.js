// The shapes that travel between the server and the page, for editors and readers; there is no code in it.

/**
 * @typedef {object} FileInfo A file of a message.
 * @property {string} id
 * @property {string} name
 * @property {string} contentType
 * @property {number} size In bytes.
 * @property {number} [width] Of a picture, as it is shown.
 * @property {number} [height]
 */

/**
 * @typedef {object} Message A message, or a system entry, as every route and event shows it.
 * @property {string} conversationId
 * @property {number} seq
 * @property {string} [senderId]
 * @property {string} kind `message`, or what changed.
 * @property {string} [text]
 * @property {FileInfo[]} files
 * @property {Record<string, any>} [data]
 * @property {number} [replyTo]
 * @property {string} [clientId]
 * @property {string} createdAt
 * @property {string} [editedAt]
 * @property {string} [deletedAt]
 */

/**
 * @typedef {object} Member
 * @property {string} id
 * @property {string} name
 * @property {'owner'|'admin'|'member'} [role]
 * @property {number} [readSeq] How far this member has read, where one conversation is shown.
 */

/**
 * @typedef {object} Conversation A conversation as one of its members sees it.
 * @property {string} id
 * @property {'direct'|'group'|'support'|'order'} kind
 * @property {string} [title]
 * @property {string} [description]
 * @property {{status: string, since: string, customerId: string, agentId?: string}} [support]
 * @property {'owner'|'admin'|'member'} role
 * @property {Member[]} members
 * @property {number} memberCount
 * @property {string} createdAt
 * @property {number} lastSeq
 * @property {string} lastActivityAt
 * @property {number} readSeq
 * @property {number} unread
 * @property {Message} [lastMessage]
 */

/**
 * @typedef {object} User One's own account.
 * @property {string} id
 * @property {string} email
 * @property {string} name
 * @property {'admin'|'agent'|'customer'|'designer'|'merchant'|'supplier'} role
 * @property {string} createdAt
 * @property {'en'|'ru'} language
 * @property {string} [emailConfirmedAt]
 * @property {string} [phone]
 * @property {string} [birthDate]
 * @property {Record<string, any>} settings
 */

/**
 * @typedef {object} Session What signing in gives.
 * @property {User} user
 * @property {string} accessToken
 * @property {string} refreshToken
 * @property {number} expiresAt Milliseconds since 1970, by this device's clock.
 */

/** @typedef {{items: any[], next: string|null}} Page */

export {};
