// What is loaded where somebody nears an end.
import assert from 'node:assert/strict';
import test from 'node:test';
import { EndLoads } from '../../Sources/CWebPage/files/chat/endLoads.js';

const feed = { setAttribute() {}, removeAttribute() {} };
const settled = async () => { for (let turn = 0; turn < 50; turn += 1) await null; };

/** A history of so many pages above what is loaded; `look` says that one is still near. */
function history(pages, { answers = true } = {}) {
  let [rows, shown, asked] = [60, 60, 0];
  const owner = {
    hasOlder: () => pages > 0, hasNewer: () => false,
    async loadOlder() {
      asked += 1;
      if (!answers) return;
      pages -= 1;
      rows += 60;
    },
  };
  const update = () => {
    shown = rows;
    return true;
  };
  const ends = new EndLoads({ owner, feed, extent: () => `${shown}`, update, look: () => ends.near(0, 5000) });
  return { ends, asked: () => asked };
}

test('C3 who stays at the top gets page after page until the beginning', async () => {
  const { ends, asked } = history(3);
  ends.near(0, 5000);
  await settled();
  assert.equal(asked(), 3);
});

test('C6 a load that brings nothing is not repeated by itself', async () => {
  const { ends, asked } = history(3, { answers: false });
  ends.near(0, 5000);
  await settled();
  assert.equal(asked(), 1);
  // The next scroll asks again.
  ends.near(0, 5000);
  await settled();
  assert.equal(asked(), 2);
});

test('C3 far from the ends nothing is loaded, and one load is under way at a time', async () => {
  const { ends, asked } = history(1);
  ends.near(4000, 4000);
  assert.equal(asked(), 0);
  ends.near(100, 4000);
  ends.near(100, 4000);
  await settled();
  assert.equal(asked(), 1);
});
