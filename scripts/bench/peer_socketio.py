"""A chat without an archive on python-socketio: rooms and their fan-out. One contestant of `./dev bench realtime`.

    peer_socketio.py PORT

The token of the handshake is the room; a message goes to all others in it, in the form of ours. The first
line on standard output says that it listens. SIGUSR1 collects garbage, so that memory can be compared.
"""

import asyncio
import gc
import itertools
import signal
import sys

import socketio
import uvloop
from aiohttp import web


def application():
    # Under a burst it needs longer than its 20 s to come to the answers of pings, and would let everybody go.
    server = socketio.AsyncServer(async_mode="aiohttp", ping_timeout=300)
    seqs = itertools.count(1)

    @server.event
    async def connect(sid, environ, auth):
        await server.enter_room(sid, auth["token"])

    @server.event
    async def sendMessage(sid, data):
        message = {
            "conversationId": data["conversationId"],
            "createdAt": "2026-11-21T12:33:23.450Z",
            "files": [],
            "kind": "message",
            "senderId": sid,
            "seq": next(seqs),
            "text": data["text"],
        }
        await server.emit("newMessage", message, room=data["conversationId"], skip_sid=sid)
        return {"ok": True}

    application = web.Application()
    server.attach(application)
    return application


async def main():
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, gc.collect)
    runner = web.AppRunner(application(), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", int(sys.argv[1]), backlog=4096).start()
    print("listens", flush=True)
    await asyncio.Event().wait()


uvloop.run(main())
