// Engine.IO over a WebSocket.

/** One session over one WebSocket. Hears `onPacket(text)`, and `onEnd()` once. */
export class WebSocketTransport {
  #socket;
  #isOver = false;

  /** @param {string} address Path with the protocol's version. */
  constructor(address, { onPacket, onEnd }) {
    this.onEnd = onEnd;
    const url = new URL(`${address}&transport=websocket`, location.href);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    this.#socket = new WebSocket(url);
    this.#socket.onmessage = ({ data }) => {
      if (!this.#isOver && typeof data === 'string') onPacket(data);
    };
    this.#socket.onclose = () => this.#end();
    this.#socket.onerror = () => this.#end();
  }

  opened() {}

  /** @param {string} packet */
  send(packet) {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(packet);
  }

  close() {
    this.#socket.close();
    this.#end();
  }

  #end() {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#socket.close();
    this.onEnd();
  }
}
