"""A device that reconnects by itself, as the library does, and each time asks for what it missed.

In: {"url", "token", "conversationId", "transports", "live": a file to make when it is there for the first time,
"expected": messages}. Out: {"connections": transports, "heard": [[seq, text]…] in the order in which they came}.
"""

from pathlib import Path

import socketio_talk
from socketio_talk import client, until


async def main(order):
    one, conversation = client(), order["conversationId"]
    heard, connections, early = [], [], []

    def hear(message):
        heard.append([message["seq"], message.get("text")])

    # What comes between connecting and the answer is in the answer again; `early` has the seq that was asked for before.
    def hear_live(message):
        if early:
            early.append(message["seq"])
        else:
            hear(message)

    # A callback, because whoever waits for an answer wakes up only after events that came behind it.
    def joined(answer):
        assert answer["ok"] and not answer["hasMore"], answer
        for message in answer["messages"]:
            hear(message)
        assert all(seq <= answer["lastSeq"] for seq in early), (early, answer)
        early.clear()
        Path(order["live"]).touch()

    @one.event
    async def connect():
        connections.append(one.transport())
        after = heard[-1][0] if heard else 0
        early.append(after)
        await one.emit("joinConversation", {"conversationId": conversation, "after": after}, callback=joined)

    one.on("newMessage", hear_live)
    auth = {"token": order["token"]}
    await one.connect(order["url"], auth=auth, transports=order["transports"], wait_timeout=30)
    await until(lambda: sum(text is not None for _, text in heard) >= order["expected"])
    await one.disconnect()
    return {"connections": connections, "heard": heard}


socketio_talk.run(main)
