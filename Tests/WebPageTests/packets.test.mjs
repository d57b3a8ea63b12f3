// Engine.IO and Socket.IO as texts.
import assert from 'node:assert/strict';
import test from 'node:test';
import { joinPayload, payloads, readPacket, splitPayload, writePacket } from '../../Sources/CWebPage/files/live/packets.js';

test('D1 packets are written and read as the protocol says', () => {
  assert.equal(writePacket({ kind: 0, data: { token: 'a' } }), '0{"token":"a"}');
  assert.equal(writePacket({ kind: 2, id: 12, data: ['hello', { a: 1 }] }), '212["hello",{"a":1}]');
  assert.deepEqual(readPacket('0{"sid":"x"}'), { kind: 0, id: undefined, data: { sid: 'x' } });
  assert.deepEqual(readPacket('212["hello",1]'), { kind: 2, id: 12, data: ['hello', 1] });
  assert.deepEqual(readPacket('2/,["hello"]'), { kind: 2, id: undefined, data: ['hello'] });
  assert.deepEqual(readPacket('37[{"ok":true}]'), { kind: 3, id: 7, data: [{ ok: true }] });
  assert.deepEqual(readPacket('1'), { kind: 1, id: undefined });
});

test('D1 what is no packet is refused', () => {
  for (const text of ['', '9', '2', '2{}', '2[1]', '3[1]', '2["a"', '2/other,["a"]', '1[1]', '4"x"', '5["binary"]']) {
    assert.equal(readPacket(text), null, text);
  }
});

test('D1 payloads are split, joined, and kept below the limit of the server', () => {
  assert.deepEqual(splitPayload(''), []);
  assert.deepEqual(splitPayload('2\u001e4a'), ['2', '4a']);
  assert.equal(joinPayload(['2', '4a']), '2\u001e4a');
  assert.deepEqual(payloads(['aaaa', 'bbbb', 'cccc'], 10), ['aaaa\u001ebbbb', 'cccc']);
  assert.deepEqual(payloads(['я'.repeat(10), 'b'], 12), ['я'.repeat(10), 'b']);
  assert.deepEqual(payloads([], 10), []);
});
