// Which rows are drawn.
import assert from 'node:assert/strict';
import test from 'node:test';
import { RowHeights } from '../../Sources/CWebPage/files/store/windowing.js';
import { chance } from './samples.mjs';

function rows(count, height = 20) {
  const heights = new RowHeights(() => height);
  heights.setKeys(Array.from({ length: count }, (_, index) => `k${index}`));
  return heights;
}

test('what is seen is drawn, and not much more', () => {
  const slice = rows(10_000).slice(100_000, 800, 900);
  assert.ok(slice.to - slice.from < 140);
  assert.equal(slice.above, slice.from * 20);
  assert.equal(slice.below, (10_000 - slice.to) * 20);
  assert.ok(slice.from * 20 <= 99_100 && slice.to * 20 >= 101_700);
});

test('with any heights the drawn rows cover what is seen, and the sum is right', () => {
  for (let seed = 1; seed <= 200; seed += 1) {
    const random = chance(seed);
    const count = 1 + Math.floor(random() * 300);
    const heights = rows(count);
    const real = Array.from({ length: count }, () => 10 + Math.floor(random() * 300));
    real.forEach((height, index) => random() < 0.7 && heights.measured(`k${index}`, height));
    const sum = real.reduce((total, _, index) => total + heights.heightOf(`k${index}`), 0);
    assert.equal(heights.total, sum);
    const offset = random() * sum;
    const { from, to, above, below } = heights.slice(offset, 500, 200);
    assert.ok(above <= Math.max(0, offset - 200), `seed ${seed}`);
    assert.ok(sum - below >= Math.min(sum, offset + 700) - 1e-6, `seed ${seed}`);
    assert.ok(Math.abs(above + below + heights.top(to) - heights.top(from) - sum) < 1e-6);
  }
});

test('a height that is the same is no news, and keys keep their heights when others come before them', () => {
  const heights = rows(3);
  assert.equal(heights.measured('k1', 33), true);
  assert.equal(heights.measured('k1', 33.2), false);
  heights.setKeys(['new', 'k0', 'k1', 'k2']);
  assert.equal(heights.top(3), 20 + 20 + 33);
  assert.equal(heights.indexAt(59), 2);
});

test('with no rows there is nothing to draw', () => {
  assert.deepEqual(rows(0).slice(0, 500, 100), { from: 0, to: 0, above: 0, below: 0 });
});
