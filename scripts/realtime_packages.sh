# What python-socketio needs as a client, for tests, and as a server, for the bench; as tested together.
# shellcheck shell=bash
# shellcheck disable=SC2034
socketio_packages=(python-socketio==5.18.1 aiohappyeyeballs==2.7.1 aiohttp==3.14.5 aiosignal==1.4.0
  attrs==26.1.0 bidict==0.24.1 certifi==2026.10.18 charset-normalizer==3.5.2 frozenlist==1.8.0
  h11==0.16.0 idna==3.20 multidict==7.2.1 propcache==0.5.4 python-engineio==4.15.1 requests==2.34.2
  simple-websocket==1.1.0 typing_extensions==4.16.0 urllib3==2.8.0 uvloop==0.23.0
  websocket-client==1.9.2 wsproto==1.3.2 yarl==1.25.1)
