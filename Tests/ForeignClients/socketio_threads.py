"""The same echo with the library's other client, which has threads, requests and websocket-client beneath it.

In and out as in socketio_echo.py; the clients talk one after another in threads of their own.
"""

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import socketio
from socketio_talk import PATIENCE, text

PACKETS = [["text", {"séven": "🚀"}], [b"\x00\xff", {"deep": [b""]}], ["y" * 100_000, bytes(100_000)]]


def until(condition):
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it does not come"
        time.sleep(0.01)


def talk(order, number):
    one, namespace = socketio.Client(), order["namespace"]
    back, auths, losses = [], [], []
    one.on("auth", lambda auth: auths.append(text(auth)), namespace=namespace)
    one.on("message-back", lambda *arguments: back.append(list(arguments)), namespace=namespace)
    one.on("disconnect", losses.append, namespace=namespace)
    auth = {"number": number}
    one.connect(order["url"], auth=auth, namespaces=[namespace], transports=order["transports"], wait_timeout=30)
    for packet in PACKETS:
        one.emit("message", tuple(packet), namespace=namespace)
        time.sleep(order["seconds"] / len(PACKETS))
    until(lambda: len(back) == len(PACKETS))
    pairs = [[text(sent), text(got)] for sent, got in zip(PACKETS, back)]
    for packet in PACKETS:
        got = one.call("message-with-ack", tuple(packet), namespace=namespace, timeout=30)
        pairs.append([text(packet), text(list(got))])
    until(lambda: auths)
    transport, was_lost = one.transport(), bool(losses)
    one.disconnect()
    return {"transport": transport, "auths": auths, "pairs": pairs, "wasLost": was_lost}


order = json.load(sys.stdin)
with ThreadPoolExecutor(order["clients"]) as pool:
    json.dump(list(pool.map(lambda number: talk(order, number), range(order["clients"]))), sys.stdout)
