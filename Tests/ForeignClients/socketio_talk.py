"""How the scripts here that speak Socket.IO hear what is wanted, and answer.

What is wanted comes as JSON on standard input, what was seen goes as JSON to standard output. Any error ends a
script with its traceback. Nothing waits longer than PATIENCE seconds.
"""

import asyncio
import base64
import json
import sys

import socketio

PATIENCE = 60


def run(main):
    """`main(order)` gives what was seen."""

    async def limited():
        return await asyncio.wait_for(main(json.load(sys.stdin)), PATIENCE)

    json.dump(asyncio.run(limited()), sys.stdout)


def client(**options):
    return socketio.AsyncClient(reconnection_delay=0.1, reconnection_delay_max=0.3, **options)


async def until(condition):
    """Waits for something that events bring about."""
    while not condition():
        await asyncio.sleep(0.01)


def text(value):
    """A value as JSON, the same for equal values."""
    return json.dumps(shown(value), sort_keys=True)


def shown(value):
    """A value with its bytes as JSON can have them."""
    if isinstance(value, bytes):
        return {"bytes": base64.b64encode(value).decode()}
    if isinstance(value, dict):
        return {name: shown(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [shown(item) for item in value]
    return value
