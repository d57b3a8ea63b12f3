// Rows of a history, links in texts.
import assert from 'node:assert/strict';
import test from 'node:test';
import { itemsOf, staysInPlace } from '../../Sources/CWebPage/files/chat/items.js';
import { trimmed } from '../../Sources/CWebPage/files/chat/richText.js';
import { readMetrics } from '../../Sources/CWebPage/files/admin/metrics.js';
import { message } from './samples.mjs';

const kinds = (items) => items.map(({ kind }) => kind);

test('a day, the line above what is new, and runs of one sender', () => {
  const messages = [message(1), message(2), message(3, { senderId: 'me', clientId: 'x' }), message(4), message(5)];
  const items = itemsOf(messages, [], { me: 'me', newSince: 2 });
  assert.deepEqual(kinds(items), ['day', 'message', 'message', 'message', 'new', 'message', 'message']);
  assert.deepEqual(items.filter(({ message: each }) => each).map(({ isFirst }) => isFirst), [true, false, true, true, false]);
});

test('C6 a message keeps its key when it is acknowledged, and is there once', () => {
  const pending = { clientId: 'x', conversationId: 'c', text: 'hi', files: [], createdAt: message(2).createdAt, state: 'sending' };
  const before = itemsOf([message(1)], [pending], { me: 'me', newSince: 0 });
  const after = itemsOf([message(1), message(2, { senderId: 'me', clientId: 'x' })], [pending], { me: 'me', newSince: 0 });
  assert.equal(before.at(-1).key, 'cx');
  assert.deepEqual(after.map(({ key }) => key), before.map(({ key }) => key));
});

test('system entries break runs', () => {
  const items = itemsOf([message(1), message(2, { kind: 'titleChanged' }), message(3)], [], { me: 'me', newSince: 0 });
  assert.deepEqual(kinds(items), ['day', 'message', 'system', 'message']);
  assert.equal(items.at(-1).isFirst, true);
});

test('links end before what ends the sentence', () => {
  assert.equal(trimmed('https://a.example/b).'), 'https://a.example/b');
  assert.equal(trimmed('https://a.example/b_(c)'), 'https://a.example/b_(c)');
  assert.equal(trimmed('https://a.example/?q=1,'), 'https://a.example/?q=1');
});


test('metrics without labels are read', () => {
  const found = readMetrics('# HELP a b\nrealtime_users 3\nx{y="z"} 4\nprocess_resident_memory_bytes 1.5e+08\n');
  assert.deepEqual([...found], [['realtime_users', 3], ['process_resident_memory_bytes', 1.5e8]]);
});

test('C3 what stays where it is when older messages of the same day come is a message, never the heading of the day', () => {
  const newest = itemsOf([message(5), message(6)], [], { me: 'me', newSince: 0 });
  const all = itemsOf([message(3), message(4), message(5), message(6)], [], { me: 'me', newSince: 0 });
  const places = (key) => [newest, all].map((items) => items.findIndex((each) => each.key === key) - items.length);
  for (const { key } of newest) {
    const [before, after] = places(key);
    // Counted from the end, where nothing changed.
    assert.equal(before === after, staysInPlace(key), key);
  }
});
