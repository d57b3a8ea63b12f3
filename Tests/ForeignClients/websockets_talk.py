"""Talks to bare Engine.IO over WebSockets with the library `websockets`, and says what came back.

Standard input: {"port": …}. Standard output: what each case saw.
"""

import asyncio
import json
import sys

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

MESSAGES = ["4hi", "4" + "ü" * 1000, "4" + "x" * 300_000, b"\x01\x02" * 100, bytes(range(256)) * 1000]


async def echoes(address, compression):
    """How many messages came back as they were sent, whole and in parts, and whether a ping was answered."""
    async with connect(address, compression=compression, max_size=None) as socket:
        handshake = await socket.recv()
        count = 0
        for message in MESSAGES:
            await socket.send(message)
            count += await socket.recv() == message
        await socket.send(["4in", " ", "parts with €"])
        count += await socket.recv() == "4in parts with €"
        await asyncio.wait_for(await socket.ping(), 10)
        extensions = socket.response.headers.get("Sec-WebSocket-Extensions", "")
        return {"opened": handshake[:1] == "0", "count": count, "compressed": "deflate" in extensions}


async def too_large(address):
    async with connect(address) as socket:
        await socket.recv()
        await socket.send("4" + "y" * 1_000_001)
        try:
            await socket.recv()
        except ConnectionClosed as closed:
            return closed.rcvd.code


async def farewell(address):
    async with connect(address) as socket:
        await socket.recv()
    return socket.close_code


async def refusal(address):
    try:
        async with connect(address):
            return 101
    except InvalidStatus as refused:
        return refused.response.status_code


async def main():
    place = f"ws://127.0.0.1:{json.load(sys.stdin)['port']}"
    address = place + "/engine.io/?EIO=4&transport=websocket"
    json.dump(
        {
            "plain": await echoes(address, None),
            "deflated": await echoes(address, "deflate"),
            "tooLarge": await too_large(address),
            "farewell": await farewell(address),
            "refused": await refusal(place + "/engine.io/?EIO=3&transport=websocket"),
        },
        sys.stdout,
    )


asyncio.run(main())
