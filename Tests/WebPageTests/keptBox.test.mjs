// What waits to be sent outlives its tab.
import assert from 'node:assert/strict';
import test from 'node:test';
import { KeptBox } from '../../Sources/CWebPage/files/store/keptBox.js';

/** As a browser's storage: its keys are properties. */
function storage(content = {}) {
  return Object.create({
    getItem(key) { return Object.hasOwn(this, key) ? this[key] : null; },
    setItem(key, text) { this[key] = text; },
    removeItem(key) { delete this[key]; },
  }, Object.getOwnPropertyDescriptors(content));
}

/** As a browser's locks, as far as they are used here. */
class Locks {
  held = new Set();

  async request(name, _, work) {
    if (this.held.has(name)) return work(null);
    this.held.add(name);
    try {
      return await work({ name });
    } finally {
      this.held.delete(name);
    }
  }
}

const settled = async () => { for (let turn = 0; turn < 20; turn += 1) await null; };

test('C6 a tab that is loaded again finds what it wrote', () => {
  const [local, session] = [storage(), storage()];
  new KeptBox('ada', { local, session }).write('[1]');
  assert.equal(new KeptBox('ada', { local, session }).read(), '[1]');
  assert.equal(new KeptBox('ben', { local, session }).read(), null);
});

test('C6 what a tab left that is gone is taken up once, and what a living one has is not', async () => {
  const [local, locks] = [storage(), new Locks()];
  const open = async (taken) => {
    const box = new KeptBox('ada', { local, session: storage(), locks });
    await box.begin((text) => taken.push(text));
    return box;
  };
  const [first, second] = [await open([]), await open([])];
  first.write('["of the first"]');
  second.write('["of the second"]');
  first.end();
  await settled();
  const [taken, later] = [[], []];
  const third = await open(taken);
  await open(later);
  assert.deepEqual(taken, ['["of the first"]']);
  assert.deepEqual(later, []);
  assert.equal(second.read(), '["of the second"]');
  assert.equal(third.read(), null);
});

test('C6 a duplicated tab gets a box of its own', async () => {
  const [local, locks] = [storage(), new Locks()];
  const session = storage();
  const one = new KeptBox('ada', { local, session, locks });
  await one.begin(() => {});
  one.write('["x"]');
  const copy = new KeptBox('ada', { local, session: storage({ ...session }), locks });
  await copy.begin(() => {});
  copy.write('["y"]');
  assert.equal(one.read(), '["x"]');
  assert.equal(copy.read(), '["y"]');
});

test('C6 a full storage stops nobody, and signing out leaves nothing', () => {
  const local = storage();
  const box = new KeptBox('ada', { local, session: storage() });
  box.write('[1]');
  KeptBox.clear('ada', local);
  assert.equal(box.read(), null);
  local.setItem = () => { throw new Error('full'); };
  box.write('[2]');
});
