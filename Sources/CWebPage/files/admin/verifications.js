// Begins a verification, shows how far it is, and what the last ones found.

import { button, fill, h } from '../dom/build.js';
import { notify } from '../dom/notices.js';
import { number, problemText, t, wholeTime } from '../words/words.js';

const lookEvery = 700;
/** What is shown of what was found earlier. */
const shownMost = 5;
const problemsMost = 20;
const unfinished = ['waiting', 'running'];

/** @param {{api: any}} parts @param {string|null} conversationId `null`: everything. */
export function verifications({ api }, conversationId) {
  const list = h('ul', { class: 'boxed', hidden: true });
  const status = h('p', { class: 'unseen', role: 'status' });
  /** Newest first. */
  let known = [];
  let timer = 0;
  let isOver = false;

  const draw = () => {
    list.hidden = known.length === 0;
    fill(list, known.map((each) => line(each, cancel)));
  };
  const take = (verification) => {
    known = [verification, ...known.filter(({ id }) => id !== verification.id)]
      .sort((one, other) => (one.id < other.id ? 1 : -1)).slice(0, shownMost);
    draw();
  };
  const follow = () => {
    clearTimeout(timer);
    const running = known.filter(({ state }) => unfinished.includes(state));
    if (running.length === 0 || isOver) return;
    timer = setTimeout(async () => {
      for (const { id } of running) {
        try {
          const now = await api.get(`/api/admin/verifications/${id}`);
          if (isOver) return;
          take(now);
          if (!unfinished.includes(now.state)) status.textContent = outcome(now);
        } catch {
          // The next look will tell.
        }
      }
      follow();
    }, lookEvery);
  };
  const begin = async () => {
    try {
      take(await api.post('/api/admin/verifications', conversationId ? { conversationId } : {}));
      follow();
    } catch (error) {
      notify(problemText(error), 'bad');
    }
  };
  const cancel = async (id) => {
    try {
      await api.delete(`/api/admin/verifications/${id}`);
      take(await api.get(`/api/admin/verifications/${id}`));
    } catch (error) {
      notify(problemText(error), 'bad');
    }
  };

  api.get('/api/admin/verifications', { limit: 50 }).then((page) => {
    if (isOver) return;
    const own = page.items.filter((each) => (each.conversationId ?? null) === conversationId);
    for (const each of own.slice(0, shownMost)) take(each);
    follow();
  }, () => {});
  const element = h('section', { class: 'section' }, h('h3', {}, t('verification')),
    h('p', { class: 'hint' }, t(conversationId ? 'verifyOneText' : 'verifyAllText')),
    h('div', { class: 'acts' }, button(t(conversationId ? 'verifyOne' : 'verifyAll'), begin)), status, list);
  return {
    element,
    destroy() {
      isOver = true;
      clearTimeout(timer);
    },
  };
}

function line(verification, cancel) {
  const { id, state, done, total, createdAt } = verification;
  const isRunning = unfinished.includes(state);
  const bar = isRunning && h('progress', { max: String(Math.max(1, total)), 'aria-label': t('verification') });
  if (bar) bar.value = done;
  const problems = verification.found?.problems ?? [];
  return h('li', { class: 'verification' },
    h('span', { class: 'row-words' },
      h('span', {}, h('span', { class: `tag ${lookOf(verification)}` }, outcome(verification)), ' ',
        h('time', { class: 'soft small-text', datetime: createdAt }, wholeTime(createdAt))),
      bar, isRunning && h('span', { class: 'soft small-text' }, t('segmentsDone', { n: number(done), of: number(total) })),
      verification.found && h('span', { class: 'soft small-text' }, t('lookedAt', {
        entries: number(verification.found.archivedEntries), segments: number(verification.found.segments),
      })),
      problems.length > 0 && h('ul', { class: 'problems' }, problems.slice(0, problemsMost).map((problem) => h('li', {},
        h('strong', {}, t(`damage.${problem.kind}`)), ' ', h('code', {}, problem.object ?? problem.document ?? ''), ' ',
        problem.detail)))),
    isRunning && button(t('callOff'), () => cancel(id)));
}

function outcome({ state, found }) {
  if (state !== 'done') return t(`verification.${state}`);
  return found.problemCount === 0 ? t('verification.good') : t('verification.bad', { n: found.problemCount });
}

function lookOf({ state, found }) {
  if (state === 'done') return found.problemCount === 0 ? 'good' : 'bad';
  return state === 'failed' || state === 'interrupted' ? 'warn' : '';
}
