"""Knocks with each of some handshakes, over each transport.

In: {"url", "auths": [what the handshake brings…]}. Out, for each of them and each transport: {"isIn", "refusal": what the
server said}.
"""

import socketio
import socketio_talk
from socketio_talk import client


async def knock(url, auth, transport):
    one, refusals = client(reconnection=False), []
    one.on("connect_error", refusals.append)
    try:
        await one.connect(url, auth=auth, transports=[transport], wait_timeout=30)
        is_in = one.connected
        await one.disconnect()
    except socketio.exceptions.ConnectionError:
        is_in = False
    return {"isIn": is_in, "refusal": [str(refusal) for refusal in refusals]}


async def main(order):
    return [
        await knock(order["url"], auth, transport)
        for auth in order["auths"]
        for transport in ("polling", "websocket")
    ]


socketio_talk.run(main)
