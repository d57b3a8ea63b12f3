// What waits to be sent.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Offline, Problem } from '../../Sources/CWebPage/files/net/problem.js';
import { Outbox } from '../../Sources/CWebPage/files/store/outbox.js';

const settled = async () => { for (let turn = 0; turn < 20; turn += 1) await null; };

function box(send, stored = null) {
  const sent = [];
  const storage = { text: stored, read: () => storage.text, write: (text) => { storage.text = text; } };
  const later = [];
  const outbox = new Outbox(send, (message) => sent.push(message), storage, (act) => later.push(act));
  return { outbox, sent, storage, later };
}

const item = (clientId, conversationId = 'c') => ({ clientId, conversationId, text: clientId, files: [], createdAt: '' });

test('C6 messages of one conversation are sent one after another, in order', async () => {
  const started = [];
  const ends = [];
  const { outbox, sent } = box((each) => {
    started.push(each.clientId);
    return new Promise((resolve) => ends.push(() => resolve({ clientId: each.clientId })));
  });
  outbox.isOpen = true;
  ['a', 'b', 'c'].forEach((id) => outbox.add(item(id)));
  outbox.add(item('x', 'other'));
  await settled();
  assert.deepEqual(started, ['a', 'x']);
  for (let turn = 0; turn < 4; turn += 1) {
    ends.shift()?.();
    await settled();
  }
  assert.deepEqual(sent.map(({ clientId }) => clientId), ['a', 'x', 'b', 'c']);
  assert.equal(outbox.count, 0);
});

test('C6 what nobody acknowledged is sent again with the same id when the connection is back', async () => {
  let isThere = false;
  const tries = [];
  const { outbox, sent } = box(async ({ clientId }) => {
    tries.push(clientId);
    if (!isThere) throw new Offline();
    return { clientId };
  });
  outbox.isOpen = true;
  outbox.add(item('a'));
  await settled();
  outbox.isOpen = false;
  isThere = true;
  outbox.isOpen = true;
  await settled();
  assert.deepEqual(tries, ['a', 'a']);
  assert.equal(sent.length, 1);
});

test('what is refused for good stays, the next ones go on, and it can be sent again or thrown away', async () => {
  let isAllowed = false;
  const { outbox, sent } = box(async ({ clientId }) => {
    if (clientId === 'a' && !isAllowed) throw new Problem({ status: 403 });
    return { clientId };
  });
  outbox.isOpen = true;
  outbox.add(item('a'));
  outbox.add(item('b'));
  await settled();
  assert.deepEqual(outbox.of('c').map(({ clientId, state }) => [clientId, state]), [['a', 'failed']]);
  assert.equal(sent.length, 1);
  isAllowed = true;
  outbox.retry('a');
  await settled();
  assert.equal(outbox.count, 0);
});

test('C6 a server that is busy is tried again after the time it asks for', async () => {
  let isBusy = true;
  const { outbox, later } = box(async ({ clientId }) => {
    if (isBusy) throw new Problem({ status: 503 }, 2);
    return { clientId };
  });
  outbox.isOpen = true;
  outbox.add(item('a'));
  await settled();
  assert.equal(outbox.of('c')[0].state, 'waiting');
  isBusy = false;
  later.shift()();
  await settled();
  assert.equal(outbox.count, 0);
});

test('what waits survives a reload; damage in the storage does not stop the page', async () => {
  const first = box(async () => { throw new Offline(); });
  first.outbox.add(item('a'));
  const second = box(async ({ clientId }) => ({ clientId }), first.storage.text);
  second.outbox.isOpen = true;
  await settled();
  assert.equal(second.sent.length, 1);
  assert.equal(box(async () => ({}), '{damaged').outbox.count, 0);
  assert.equal(box(async () => ({}), '[1, null, {"clientId": 3}]').outbox.count, 0);
});

test('a message that is heard is not sent again', async () => {
  const { outbox } = box(async () => { throw new Offline(); });
  outbox.add(item('a'));
  outbox.heard({ clientId: 'a', conversationId: 'elsewhere' });
  assert.equal(outbox.count, 1);
  outbox.heard({ clientId: 'a', conversationId: 'c' });
  assert.equal(outbox.count, 0);
});

test('C6 what a tab left that is gone is sent, and what is there already is not taken twice', async () => {
  const { outbox, sent } = box(async ({ clientId }) => ({ clientId }), JSON.stringify([item('a')]));
  outbox.adopt(JSON.stringify([item('a'), item('b'), { nonsense: 1 }]));
  outbox.adopt('no JSON');
  assert.equal(outbox.count, 2);
  outbox.isOpen = true;
  await settled();
  assert.deepEqual(sent.map(({ clientId }) => clientId), ['a', 'b']);
});
