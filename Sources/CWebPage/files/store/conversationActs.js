// What one can do with conversations besides talking. Each throws what the server says against it.

export class ConversationActs {
  /** @param {import('./chat.js').Chat} chat */
  constructor(chat) {
    this.chat = chat;
  }

  /** @param {{kind: string, members?: string[], title?: string}} input */
  async create(input) {
    const conversation = this.chat.take(await this.chat.api.post('/api/conversations', input));
    this.chat.watchDirect();
    return conversation;
  }

  /** Title and description; null takes one away. */
  async change(id, fields) {
    this.chat.take(await this.chat.api.patch(`/api/conversations/${id}`, fields));
  }

  async delete(id) {
    await this.chat.api.delete(`/api/conversations/${id}`);
    this.chat.removed(id);
  }

  /** Adds somebody, or gives a member another role. */
  async putMember(id, userId, role) {
    this.chat.take(await this.chat.api.put(`/api/conversations/${id}/members/${userId}`, role ? { role } : {}));
  }

  async removeMember(id, userId) {
    await this.chat.api.delete(`/api/conversations/${id}/members/${userId}`);
    if (userId === this.chat.me.id) this.chat.removed(id);
    else await this.chat.refresh(id);
  }

  async takeSupport(id) {
    return this.chat.take(await this.chat.api.post(`/api/conversations/${id}/take`));
  }
}
