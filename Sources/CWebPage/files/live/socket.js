// A Socket.IO client: connects with an access token, comes back by itself, and matches acknowledgements to calls.

import { Offline, Problem, SignedOut } from '../net/problem.js';
import { backoff } from './backoff.js';
import { EngineSession } from './engine.js';
import { kinds, readPacket, writePacket } from './packets.js';

const answerLimit = 15_000;
/** What may wait for its answer at once; a page that is asked for more is told so. */
const callLimit = 200;

/**
 * @typedef {'off'|'connecting'|'connected'|'waiting'} SocketState
 *
 * Hears: `onState(state)`, `onEvent(name, data)`. `token(isRefused)` gives an access token, a fresh one where the last
 * was refused; it throws where there is no session any more.
 */
export class ChatSocket {
  #engine = null;
  #calls = new Map();
  #lastCall = 0;
  #failures = 0;
  #timer = 0;
  #isTokenRefused = false;
  #transport = 'websocket';
  #generation = 0;
  /** @type {SocketState} */
  state = 'off';
  /** When the next try comes, in milliseconds since 1970. */
  nextTryAt = 0;

  constructor({ token, onState, onEvent }) {
    Object.assign(this, { token, onState, onEvent });
  }

  start() {
    if (this.state === 'off') this.#connect();
  }

  stop() {
    this.#drop();
    clearTimeout(this.#timer);
    this.#enter('off');
  }

  /** Tries now instead of later; what is connected stays so. */
  hurry() {
    if (this.state !== 'waiting') return;
    clearTimeout(this.#timer);
    this.#connect();
  }

  /** The network is known to be gone: no use in waiting for the heartbeat. */
  interrupt() {
    if (this.state === 'connected' || this.state === 'connecting') this.#lost();
  }

  /**
   * Sends an event and resolves to its acknowledgement; throws `Problem` where it is refused, `Offline` where nobody
   * answers.
   * @param {string} name @param {Record<string, any>} data @returns {Promise<any>}
   */
  call(name, data) {
    if (this.state !== 'connected') return Promise.reject(new Offline());
    if (this.#calls.size >= callLimit) return Promise.reject(new Problem({ status: 429 }));
    const id = ++this.#lastCall;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#settle(id, (call) => call.reject(new Offline())), answerLimit);
      this.#calls.set(id, { resolve, reject, timer });
      this.#engine.send(writePacket({ kind: kinds.event, id, data: [name, data] }));
    });
  }

  async #connect() {
    const generation = ++this.#generation;
    this.#enter('connecting');
    let token;
    try {
      token = await this.token(this.#isTokenRefused);
    } catch (error) {
      if (generation !== this.#generation) return;
      return error instanceof SignedOut ? this.stop() : this.#lost();
    }
    if (generation !== this.#generation) return;
    this.#isTokenRefused = false;
    this.#engine = new EngineSession(this.#transport, {
      onOpen: () => this.#engine.send(writePacket({ kind: kinds.connect, data: { token } })),
      onMessage: (text) => generation === this.#generation && this.#take(text),
      onClose: (wasOpen) => {
        if (generation !== this.#generation) return;
        // What never opens may be a proxy that knows no WebSockets; the other way is tried in turn.
        if (!wasOpen) this.#transport = this.#transport === 'websocket' ? 'polling' : 'websocket';
        this.#lost();
      },
    });
  }

  #take(text) {
    const packet = readPacket(text);
    if (!packet) return this.#lost();
    switch (packet.kind) {
      case kinds.connect: return this.#connected();
      case kinds.event: return this.onEvent(packet.data[0], packet.data[1]);
      case kinds.ack: return this.#settle(packet.id, (call) => this.#answer(call, packet.data[0]));
      case kinds.connectError: return this.#refused(packet.data?.data);
      default: return this.#lost();
    }
  }

  #connected() {
    this.#failures = 0;
    this.#enter('connected');
  }

  #refused(data) {
    if (data?.status === 401) this.#isTokenRefused = true;
    this.#lost(data?.retryAfter);
  }

  #answer(call, answer) {
    if (answer?.ok === true) return call.resolve(answer);
    call.reject(new Problem(answer?.problem ?? {}, answer?.retryAfter));
  }

  #settle(id, act) {
    const call = this.#calls.get(id);
    if (!call) return;
    this.#calls.delete(id);
    clearTimeout(call.timer);
    act(call);
  }

  /** @param {number} [least] Seconds that the server asks for. */
  #lost(least = 0) {
    this.#drop();
    this.#failures += 1;
    const wait = Math.max(least * 1000, backoff(this.#failures));
    this.nextTryAt = Date.now() + wait;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#connect(), wait);
    this.#enter('waiting');
  }

  #drop() {
    this.#generation += 1;
    const engine = this.#engine;
    this.#engine = null;
    engine?.close();
    for (const id of [...this.#calls.keys()]) this.#settle(id, (call) => call.reject(new Offline()));
  }

  #enter(state) {
    if (this.state === state) return;
    this.state = state;
    this.onState(state);
  }
}
