// The loaded part of a conversation, whatever the order in which it comes.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Timeline, isNewer } from '../../Sources/CWebPage/files/store/timeline.js';
import { chance, message, seqs, shuffled } from './samples.mjs';

test('C3 pages and events give the same history in whatever order they come', () => {
  for (let seed = 1; seed <= 300; seed += 1) {
    const random = chance(seed);
    const final = Array.from({ length: 30 }, (_, index) => message(index + 1));
    const events = [];
    for (const each of final) {
      const fate = random();
      if (fate < 0.2) {
        events.push({ ...each, text: 'once', editedAt: '2026-01-02T00:00:00.000Z' });
        each.text = 'twice';
        each.editedAt = '2026-01-03T00:00:00.000Z';
        events.push({ ...each });
      } else if (fate < 0.35) {
        Object.assign(each, { text: undefined, deletedAt: '2026-01-04T00:00:00.000Z' });
        events.push({ ...each });
      }
    }
    // The page as it was before all that, and everything heard around it.
    const page = Array.from({ length: 20 }, (_, index) => message(index + 11));
    const older = Array.from({ length: 10 }, (_, index) => message(index + 1));
    const timeline = new Timeline();
    const acts = shuffled([() => timeline.reset(page, { hasOlder: true, hasNewer: false }),
      ...events.map((event) => () => timeline.hear(event))], random);
    for (const act of acts) act();
    timeline.prepend(older, false);
    assert.deepEqual(timeline.messages, final, `seed ${seed}`);
  }
});

test('what is heard before the first page comes stays behind it', () => {
  const timeline = new Timeline();
  timeline.hear(message(8));
  timeline.hear(message(7));
  timeline.reset([message(5), message(6)], { hasOlder: true, hasNewer: false });
  assert.deepEqual(seqs(timeline), [5, 6, 7, 8]);
});

test('a message is there once', () => {
  const timeline = new Timeline();
  timeline.reset([message(1), message(2)], { hasOlder: false, hasNewer: false });
  assert.equal(timeline.hear(message(2)), false);
  assert.equal(timeline.hear(message(3)), true);
  timeline.append([message(2), message(3), message(4)], false);
  assert.deepEqual(seqs(timeline), [1, 2, 3, 4]);
});

test('away from the end new messages are not shown, and edits of old ones are not forgotten', () => {
  const timeline = new Timeline();
  timeline.reset([message(50), message(51)], { hasOlder: true, hasNewer: true });
  assert.equal(timeline.hear(message(99)), false);
  assert.equal(timeline.hear({ ...message(10), text: 'mended', editedAt: '2026-05-01T00:00:00.000Z' }), false);
  timeline.prepend([message(10), message(11)], true);
  assert.deepEqual(seqs(timeline), [10, 11, 50, 51]);
  assert.equal(timeline.find(10).text, 'mended');
});

test('what is deleted stays deleted, and the later edit counts', () => {
  const first = { ...message(1), editedAt: '2026-01-01T00:00:00.000Z' };
  const second = { ...message(1), editedAt: '2026-01-02T00:00:00.000Z' };
  const deleted = { ...message(1), deletedAt: '2026-01-01T00:00:00.000Z' };
  assert.equal(isNewer(second, first), true);
  assert.equal(isNewer(first, second), false);
  assert.equal(isNewer(second, deleted), false);
  assert.equal(isNewer(deleted, second), true);
});

test('memory stays bounded, at the end or far from it', () => {
  const timeline = new Timeline();
  timeline.reset(Array.from({ length: 100 }, (_, index) => message(index + 1)), { hasOlder: false, hasNewer: false });
  timeline.trim(40, true);
  assert.deepEqual([timeline.low, timeline.high, timeline.hasOlder, timeline.hasNewer], [61, 100, true, false]);
  timeline.trim(10, false);
  assert.deepEqual([timeline.low, timeline.high, timeline.hasNewer], [61, 70, true]);
});
