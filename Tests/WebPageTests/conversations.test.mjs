// The list of conversations and what is heard.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Conversations } from '../../Sources/CWebPage/files/store/conversations.js';
import { message } from './samples.mjs';

const shown = (more = {}) => ({
  id: 'c', kind: 'direct', members: [{ id: 'me' }, { id: 'u' }], memberCount: 2, lastSeq: 0, readSeq: 0, unread: 0,
  lastActivityAt: '2026-01-01T00:00:00.000Z', ...more,
});

function list(...all) {
  const conversations = new Conversations((id) => id === 'me');
  for (const each of all) conversations.put(each);
  return conversations;
}

test('C1 a new message counts as unread once, whatever is heard twice', () => {
  const conversations = list(shown());
  conversations.hear(message(1));
  conversations.hear(message(1));
  conversations.hear(message(2));
  assert.equal(conversations.get('c').unread, 2);
  assert.equal(conversations.unread, 2);
});

test("C1 one's own message from another device leaves nothing unread", () => {
  const conversations = list(shown());
  conversations.hear(message(1));
  conversations.hear(message(2, { senderId: 'me' }));
  assert.equal(conversations.get('c').unread, 0);
  assert.equal(conversations.get('c').readSeq, 2);
});

test('C1 an older answer of the server does not undo what was heard', () => {
  const conversations = list(shown());
  conversations.hear(message(5));
  conversations.put(shown({ lastSeq: 3, unread: 3 }));
  assert.equal(conversations.get('c').lastSeq, 5);
  assert.equal(conversations.get('c').lastMessage.seq, 5);
});

test('C4 what is read never becomes unread again', () => {
  const conversations = list(shown({ lastSeq: 5, unread: 5 }));
  conversations.read('c', 5);
  assert.equal(conversations.get('c').unread, 0);
  conversations.read('c', 3, 2);
  conversations.put(shown({ lastSeq: 5, readSeq: 0, unread: 5 }));
  assert.equal(conversations.get('c').unread, 0);
  assert.equal(conversations.get('c').readSeq, 5);
});

test('C1 newest activity first, and an edit changes the line without moving it', () => {
  const conversations = list(shown(), shown({ id: 'd', lastActivityAt: '2026-02-01T00:00:00.000Z' }));
  assert.deepEqual(conversations.all.map(({ id }) => id), ['d', 'c']);
  conversations.hear(message(1, { createdAt: '2026-03-01T00:00:00.000Z' }));
  assert.deepEqual(conversations.all.map(({ id }) => id), ['c', 'd']);
  conversations.amend(message(1, { text: 'mended', editedAt: '2026-03-02T00:00:00.000Z' }));
  assert.equal(conversations.get('c').lastMessage.text, 'mended');
});

test('what the server does not list any more is gone, but not what came while it answered', () => {
  const conversations = list(shown(), shown({ id: 'd' }), shown({ id: 'old', lastActivityAt: '2025-01-01T00:00:00.000Z' }));
  const before = new Set(['c', 'd', 'old']);
  conversations.put(shown({ id: 'new' }));
  conversations.keepOnly(new Set(['c']), '2026-01-01T00:00:00.000Z', before);
  assert.deepEqual(conversations.all.map(({ id }) => id), ['new', 'c', 'old']);
});

test('C4 readers are counted by how far they came', () => {
  const conversations = list(shown());
  conversations.readByOther('c', 'u', 4);
  conversations.readByOther('c', 'u', 2);
  conversations.readByOther('c', 'v', 7);
  assert.deepEqual([3, 4, 5, 8].map((seq) => conversations.readers('c', seq)), [2, 2, 1, 0]);
});
