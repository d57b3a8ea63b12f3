// A bare `ws` server that does the same fan-out: as little of Socket.IO as the clients of the bench need, no archive.
// One contestant of `./dev bench realtime`: node --expose-gc peer_ws.js PORT. The token of the handshake is the room.
"use strict";
const http = require("http");
const { WebSocketServer } = require("ws");

const rooms = new Map();
let seq = 0;

const server = http.createServer();
const sockets = new WebSocketServer({ server, perMessageDeflate: false, clientTracking: false });

sockets.on("connection", (socket) => {
  socket.on("message", onPacket);
  socket.on("close", onClose);
  socket.send('0{"sid":"1","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}');
});

function onPacket(data) {
  const packet = data.toString();
  if (packet.startsWith("42")) say(this, packet);
  else if (packet.startsWith("40")) enter(this, JSON.parse(packet.slice(2)).token);
}

function enter(socket, name) {
  socket.room = name;
  if (!rooms.has(name)) rooms.set(name, new Set());
  rooms.get(name).add(socket);
  socket.send('40{"sid":"1"}');
}

function say(socket, packet) {
  const start = packet.indexOf("[");
  const order = JSON.parse(packet.slice(start))[1];
  const message = {
    conversationId: order.conversationId,
    createdAt: "2026-11-21T12:33:23.450Z",
    files: [],
    kind: "message",
    senderId: socket.room,
    seq: ++seq,
    text: order.text,
  };
  const text = "42" + JSON.stringify(["newMessage", message]);
  for (const other of rooms.get(order.conversationId)) if (other !== socket) other.send(text);
  if (start > 2) socket.send(`43${packet.slice(2, start)}[{"ok":true}]`);
}

function onClose() {
  const members = rooms.get(this.room);
  if (members) members.delete(this);
}

// Memory is compared without garbage.
process.on("SIGUSR1", () => global.gc());
server.listen({ port: Number(process.argv[2]), host: "127.0.0.1", backlog: 4096 }, () => console.log("listens"));
