"""Waits for the end of its session, and sees whether it comes back.

In: {"url", "token", "transports", "live": a file to make when it is there}. Out: {"ended": reasons of `sessionEnded`,
"disconnects": how often the connection was lost, "connections": how often it was made}.
"""

import asyncio
from pathlib import Path

import socketio_talk
from socketio_talk import client, until


async def main(order):
    one = client()
    ended, connections, disconnects = [], [], []
    one.on("connect", lambda: connections.append(1))
    one.on("disconnect", lambda reason=None: disconnects.append(1))
    one.on("sessionEnded", lambda end: ended.append(end["reason"]))
    auth = {"token": order["token"]}
    await one.connect(order["url"], auth=auth, transports=order["transports"], wait_timeout=30)
    Path(order["live"]).touch()
    await until(lambda: disconnects)
    # Several times as long as it waits before it comes back, where it means to.
    await asyncio.sleep(2)
    return {"ended": ended, "disconnects": len(disconnects), "connections": len(connections)}


socketio_talk.run(main)
