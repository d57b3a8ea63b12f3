"""Sends to an echo, by events and with acknowledgements, texts and bytes, from several clients at once.

In: {"url", "namespace", "transports", "clients", "seconds"}: the seconds between two rounds, for heartbeats. Out, for
each client: {"transport", "auths": what the server says it was given, "pairs": [[sent, came back]…], "wasLost"}, all
values as JSON in texts.
"""

import asyncio

import socketio_talk
from socketio_talk import client, text, until

# Arguments of one event each: nested, empty, with bytes of every value, at several places, and large.
PACKETS = [
    [],
    [1, "two", [3.5, None, True], {"six": "séven 🚀"}],
    [b""],
    [bytes(range(256)), {"deep": [b"\x00\xff", "text", b"1"]}],
    [{"large": "x" * 300_000}, bytes(300_000)],
]


async def talk(order, number):
    one, namespace = client(), order["namespace"]
    back, auths, losses = [], [], []
    one.on("auth", lambda auth: auths.append(text(auth)), namespace=namespace)
    one.on("message-back", lambda *arguments: back.append(list(arguments)), namespace=namespace)
    one.on("disconnect", losses.append, namespace=namespace)
    auth = {"number": number}
    await one.connect(order["url"], auth=auth, namespaces=[namespace], transports=order["transports"], wait_timeout=30)
    pairs = []
    for turn in range(2):
        if turn == 1:
            await asyncio.sleep(order["seconds"])
        for packet in PACKETS:
            await one.emit("message", tuple(packet), namespace=namespace)
        await until(lambda: len(back) == len(PACKETS))
        pairs += [[text(sent), text(got)] for sent, got in zip(PACKETS, back)]
        back.clear()
        for packet in PACKETS:
            # What is acknowledged with one argument comes as it is, with several as a tuple, with none as nothing.
            got = await one.call("message-with-ack", tuple(packet), namespace=namespace, timeout=30)
            got = list(got) if isinstance(got, tuple) else [] if got is None else [got]
            pairs.append([text(packet), text(got)])
    await until(lambda: auths)
    transport, was_lost = one.transport(), bool(losses)
    await one.disconnect()
    return {"transport": transport, "auths": auths, "pairs": pairs, "wasLost": was_lost}


async def main(order):
    return await asyncio.gather(*(talk(order, number) for number in range(order["clients"])))


socketio_talk.run(main)
