// Engine.IO over long-polling, for networks that let no WebSocket through.

import { payloads, splitPayload } from './packets.js';

/**
 * One session over requests: one GET waits at a time, and one POST sends.
 *
 * Hears: `onPacket(text)`, and `onEnd()` once.
 */
export class PollingTransport {
  #address;
  #abort = new AbortController();
  #queue = [];
  #isSending = false;
  #isOver = false;
  #limitBytes = 100_000;

  /** @param {string} address Path with the protocol's version. */
  constructor(address, { onPacket, onEnd }) {
    this.#address = `${address}&transport=polling`;
    this.onPacket = onPacket;
    this.onEnd = onEnd;
    this.#poll();
  }

  /** The session exists: the following requests name it. */
  opened({ sid, maxPayload }) {
    this.#address += `&sid=${encodeURIComponent(sid)}`;
    this.#limitBytes = maxPayload;
  }

  /** @param {string} packet */
  send(packet) {
    this.#queue.push(packet);
    if (!this.#isSending) this.#flush();
  }

  close() {
    if (this.#isOver) return;
    // Told to the server as well, so that it does not wait for a heartbeat.
    if (this.#address.includes('&sid=')) {
      fetch(this.#address, { method: 'POST', body: '1', keepalive: true }).catch(() => {});
    }
    this.#end();
  }

  async #poll() {
    try {
      while (!this.#isOver) {
        const answer = await fetch(this.#address, { signal: this.#abort.signal, cache: 'no-store' });
        if (!answer.ok) return this.#end();
        for (const packet of splitPayload(await answer.text())) {
          if (!this.#isOver) this.onPacket(packet);
        }
      }
    } catch {
      this.#end();
    }
  }

  async #flush() {
    this.#isSending = true;
    try {
      while (this.#queue.length > 0 && !this.#isOver) {
        for (const body of payloads(this.#queue.splice(0), this.#limitBytes)) {
          const answer = await fetch(this.#address, {
            method: 'POST', body, signal: this.#abort.signal,
            headers: { 'Content-Type': 'text/plain;charset=UTF-8' },
          });
          if (!answer.ok) return this.#end();
        }
      }
    } catch {
      this.#end();
    } finally {
      this.#isSending = false;
    }
  }

  #end() {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#abort.abort();
    this.onEnd();
  }
}
