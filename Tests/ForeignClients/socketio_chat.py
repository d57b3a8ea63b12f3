"""Several devices of several people in one conversation, all at once, over whatever transport each is told.

In: {"url", "conversationId", "devices": [{"token", "transports", "says": [text…]}], "expected": messages in the end}.
Out, for each device: {"transport", "missed": seqs that joining answered, "acknowledged": [[seq, text]…] of what it
said, "heard": [[seq, text]…] in the order in which they came}.
"""

import asyncio

import socketio_talk
from socketio_talk import client, until


async def chat(order, device, everybody):
    one, conversation = client(), order["conversationId"]
    heard, acknowledged = [], []
    one.on("newMessage", lambda message: heard.append([message["seq"], message["text"]]))
    auth = {"token": device["token"]}
    await one.connect(order["url"], auth=auth, transports=device["transports"], wait_timeout=30)
    joined = await one.call("joinConversation", {"conversationId": conversation, "after": 0}, timeout=30)
    missed = [message["seq"] for message in joined["messages"]]
    assert not joined["hasMore"], joined
    await everybody.wait()
    for number, text in enumerate(device["says"]):
        message = {"conversationId": conversation, "text": text, "clientId": f"{one.get_sid()}-{number}"}
        answer = await one.call("sendMessage", message, timeout=30)
        acknowledged.append([answer["message"]["seq"], answer["message"]["text"]])
    await until(lambda: len(heard) + len(acknowledged) >= order["expected"])
    # Whatever comes twice comes now.
    await asyncio.sleep(0.5)
    transport = one.transport()
    await one.disconnect()
    return {"transport": transport, "missed": missed, "acknowledged": acknowledged, "heard": heard}


async def main(order):
    everybody = asyncio.Barrier(len(order["devices"]))
    return await asyncio.gather(*(chat(order, device, everybody) for device in order["devices"]))


socketio_talk.run(main)
