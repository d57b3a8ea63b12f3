// One Engine.IO session: opens it, answers heartbeats, notices when the server is gone.

import { engine } from './packets.js';
import { PollingTransport } from './polling.js';
import { WebSocketTransport } from './webSocketTransport.js';

const address = '/socket.io/?EIO=4';
/** What is silent so long before it is open is given up. */
const openLimit = 12_000;

/**
 * Hears `onOpen()`, `onMessage(text)`, and `onClose(wasOpen)` once.
 */
export class EngineSession {
  #transport;
  #silence = 0;
  #patience = openLimit;
  #isOpen = false;
  #isOver = false;

  /** @param {'websocket'|'polling'} transport */
  constructor(transport, { onOpen, onMessage, onClose }) {
    Object.assign(this, { onOpen, onMessage, onClose });
    const Transport = transport === 'websocket' ? WebSocketTransport : PollingTransport;
    this.#watch();
    this.#transport = new Transport(address, {
      onPacket: (packet) => this.#take(packet),
      onEnd: () => this.#end(),
    });
  }

  /** @param {string} text A Socket.IO packet. */
  send(text) {
    this.#transport.send(engine.message + text);
  }

  close() {
    this.#transport.close();
    this.#end();
  }

  #take(packet) {
    if (this.#isOver) return;
    this.#watch();
    const rest = packet.slice(1);
    switch (packet[0]) {
      case engine.open: return this.#open(rest);
      case engine.ping: return this.#transport.send(engine.pong + rest);
      case engine.message: return this.onMessage(rest);
      case engine.close: return this.close();
      default:
    }
  }

  #open(text) {
    try {
      const handshake = JSON.parse(text);
      this.#patience = handshake.pingInterval + handshake.pingTimeout;
      this.#transport.opened(handshake);
    } catch {
      return this.close();
    }
    this.#isOpen = true;
    this.#watch();
    this.onOpen();
  }

  /** The server sends a ping now and then; if it does not, it is gone. */
  #watch() {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.close(), this.#patience);
  }

  #end() {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#silence);
    this.onClose(this.#isOpen);
  }
}
