"""Stands between an MQTT 5 client and a broker, over TLS on both sides, and misbehaves as a broker would.

Prints {"ready": true, "port": ...}, then takes lines on standard input and answers each with what it is and the counts:
{"mode": MODE, "reason": CODE}. Ends with its standard input. Modes, of a client's publishes from then on:

  pass         everything as it comes
  refuse       they get no further; each is answered with this reason code at once
  late         answers to them come when so many are open as the client may have, and then all at once
  backwards    the same, the last one first
  hold         answers to them are kept, until everything passes again
  never        answers to them are kept for ever
  close        the connection ends in the middle of the next one, a hundred times at most
"""

import argparse
import asyncio
import json
import ssl
import sys

PUBLISH, PUBACK = 3, 4
PUBLISH_QOS_1 = 0x02
# Answers kept before they go on together: below any window, so that the client's next publish is never waited for.
TOGETHER = 8
CLOSES = 100
# Slashes in the topic of a unit.
UNIT_LEVELS = 5


async def packet(reader):
    """The next control packet, whole (MQTT 5, §2.1): first byte, bytes of the header, body."""
    first = await reader.readexactly(1)
    length, shift, header = 0, 0, first
    while True:
        byte = await reader.readexactly(1)
        header += byte
        length |= (byte[0] & 0x7F) << shift
        shift += 7
        if not byte[0] & 0x80:
            break
    return first[0], header, await reader.readexactly(length)


def topic_and_identifier(body):
    """Topic and packet identifier of a QoS 1 publish (§3.3.2)."""
    end = 2 + int.from_bytes(body[:2], "big")
    return body[2:end], body[end : end + 2]


class Between:
    """The listener, its mode and its counts."""

    def __init__(self, options):
        self.options = options
        self.mode, self.reason = "pass", 0x80
        self.connections = self.publishes = self.refused = self.kept = self.closed = 0
        self.bundles = self.alarms = self.bundles_before_alarm = 0

    def counts(self):
        names = ("connections", "publishes", "refused", "kept", "closed", "bundles", "alarms", "bundles_before_alarm")
        return {name: getattr(self, name) for name in names}

    def seen(self, topic):
        """Counts a publish; alarms with the bundles that had come before the last one."""
        self.publishes += 1
        if topic.endswith(b"/backfill"):
            self.bundles += 1
        if topic.endswith(b"/alarm") and topic.count(b"/") == UNIT_LEVELS:
            self.alarms += 1
            self.bundles_before_alarm = self.bundles

    async def client(self, reader, writer):
        """One connection, until one of both sides ends it."""
        self.connections += 1
        options = self.options
        try:
            tls = ssl.create_default_context(cafile=options.authority)
            tls.load_cert_chain(options.client_certificate, options.client_key)
            up_reader, up_writer = await asyncio.open_connection("localhost", options.broker, ssl=tls)
        except OSError:
            writer.close()
            return
        one = Connection(self, writer, up_writer)
        ways = [asyncio.create_task(one.up(reader)), asyncio.create_task(one.down(up_reader))]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
        for end in (writer, up_writer):
            end.transport.abort()

    async def run(self):
        """Serves until standard input ends."""
        options = self.options
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.minimum_version = ssl.TLSVersion.TLSv1_3
        tls.load_cert_chain(options.certificate, options.key)
        tls.load_verify_locations(options.authority)
        tls.verify_mode = ssl.CERT_REQUIRED
        server = await asyncio.start_server(self.client, "127.0.0.1", 0, ssl=tls)
        port = server.sockets[0].getsockname()[1]
        print(json.dumps({"ready": True, "port": port}), flush=True)
        loop = asyncio.get_running_loop()
        number = 0
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            asked = json.loads(line)
            self.mode, self.reason = asked.get("mode", self.mode), asked.get("reason", self.reason)
            number += 1
            print(json.dumps({"answer": number, "mode": self.mode, **self.counts()}), flush=True)


class Connection:
    """One client's connection and ours for it."""

    def __init__(self, between, to_client, to_broker):
        self.between, self.to_client, self.to_broker = between, to_client, to_broker
        self.answers = []

    async def up(self, reader):
        """From the client to the broker."""
        between = self.between
        while True:
            first, header, body = await packet(reader)
            if first >> 4 == PUBLISH and first & 0x06 == PUBLISH_QOS_1:
                topic, identifier = topic_and_identifier(body)
                between.seen(topic)
                if between.mode == "refuse":
                    between.refused += 1
                    answer = identifier + bytes([between.reason, 0])
                    self.to_client.write(bytes([PUBACK << 4, len(answer)]) + answer)
                    await self.to_client.drain()
                    continue
                if between.mode == "close" and between.closed < CLOSES:
                    between.closed += 1
                    self.to_broker.write(header + body[: len(body) // 2])
                    await self.to_broker.drain()
                    return
            self.to_broker.write(header + body)
            await self.to_broker.drain()

    async def down(self, reader):
        """From the broker to the client."""
        between = self.between
        while True:
            first, header, body = await packet(reader)
            if first >> 4 == PUBACK:
                if between.mode == "never":
                    between.kept += 1
                    continue
                if between.mode in ("late", "backwards", "hold"):
                    between.kept += 1
                    self.answers.append(header + body)
                    if between.mode != "hold" and len(self.answers) >= TOGETHER:
                        if between.mode == "backwards":
                            self.answers.reverse()
                        self.to_client.writelines(self.answers)
                        self.answers.clear()
                    await self.to_client.drain()
                    continue
                self.to_client.writelines(self.answers)
                self.answers.clear()
            self.to_client.write(header + body)
            await self.to_client.drain()


def main():
    """Reads the command line and serves."""
    parser = argparse.ArgumentParser()
    for name in ("authority", "certificate", "key", "client-certificate", "client-key"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--broker", type=int, required=True)
    asyncio.run(Between(parser.parse_args()).run())


if __name__ == "__main__":
    main()
