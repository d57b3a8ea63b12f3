// Saves what only somebody who is signed in may fetch: the token cannot go along with an ordinary link.

import { h } from '../dom/build.js';
import { notify } from '../dom/notices.js';
import { Problem } from '../net/problem.js';
import { problemText } from '../words/words.js';

/** Browsers keep large answers on disk. @param {any} keeper @param {string} path @param {string} name */
export async function save(keeper, path, name) {
  try {
    const answer = await fetch(path, { headers: { Authorization: `Bearer ${await keeper.token()}` }, cache: 'no-store' });
    if (!answer.ok) throw new Problem({ status: answer.status });
    const address = URL.createObjectURL(await answer.blob());
    h('a', { href: address, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
  } catch (error) {
    notify(problemText(error), 'bad');
  }
}
