"""An OPC UA server by asyncua that serves what a JSON file says.

    opcua_server.py FILE [--port N] [--namespaces URI,URI] [--secure DIR] [--user NAME:PASSWORD] [--user-certificate FILE]
                    [--queue-max N]

Prints {"ready": true, "endpoint": ..., "port": ..., "certificate": ...}, then answers lines on standard input:
{"set": NAME, "value": ..., "status": CODE, "source_s_ago": SECONDS}: another value, status or source time
{"count": N}: requests by service since the start
{"forget": N}: forgets all subscriptions, as after a restart
{"register": URI}: the table of namespaces grows while sessions live
Ends with its standard input.
"""

import argparse
import asyncio
import json
import logging
import socket
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from asyncua import Server, ua
from asyncua.crypto.cert_gen import setup_self_signed_certificate
from asyncua.server.monitored_item_service import MonitoredItemService
from asyncua.server.uaprocessor import UaProcessor
from asyncua.server.user_managers import UserManager
from asyncua.crypto.permission_rules import User, UserRole
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

TYPES = {
    "Boolean": ua.VariantType.Boolean,
    "SByte": ua.VariantType.SByte,
    "Byte": ua.VariantType.Byte,
    "Int16": ua.VariantType.Int16,
    "UInt16": ua.VariantType.UInt16,
    "Int32": ua.VariantType.Int32,
    "UInt32": ua.VariantType.UInt32,
    "Int64": ua.VariantType.Int64,
    "UInt64": ua.VariantType.UInt64,
    "Float": ua.VariantType.Float,
    "Double": ua.VariantType.Double,
    "String": ua.VariantType.String,
}
SERVICES = {
    getattr(ua.ObjectIds, name): name.removesuffix("Request_Encoding_DefaultBinary")
    for name in dir(ua.ObjectIds)
    if name.endswith("Request_Encoding_DefaultBinary")
}


class Users(UserManager):
    """Lets in who is named on the command line; anybody where nobody is."""

    def __init__(self, user, certificate):
        self.user = user
        self.certificate = certificate

    def get_user(self, iserver, username=None, password=None, certificate=None):
        if self.user is not None:
            name, secret = self.user.split(":", 1)
            if isinstance(password, bytes):
                password = password.decode()
            return User(role=UserRole.User) if (username, password) == (name, secret) else None
        if self.certificate is not None:
            der = certificate.public_bytes(Encoding.DER) if hasattr(certificate, "public_bytes") else certificate
            return User(role=UserRole.User) if der == self.certificate else None
        return User(role=UserRole.User)


class Foreign:
    """The server, its nodes by name, and what it was asked."""

    def __init__(self, arguments):
        self.arguments = arguments
        self.counts = {}
        self.nodes = {}
        self.entries = {}

    async def start(self):
        given = self.arguments
        users = Users(given.user, self.user_certificate())
        self.server = Server(user_manager=users)
        await self.server.init()
        self.server.set_endpoint(f"opc.tcp://127.0.0.1:{given.port}")
        certificate = None
        if given.secure:
            folder = Path(given.secure)
            folder.mkdir(exist_ok=True)
            key, certificate = folder / "server-key.pem", folder / "server.der"
            uri = "urn:example:foreign"
            await self.server.set_application_uri(uri)
            await setup_self_signed_certificate(
                key, certificate, uri, "127.0.0.1", [ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH],
                {"commonName": "foreign server"},
            )
            await self.server.load_certificate(str(certificate))
            await self.server.load_private_key(str(key))
            self.server.set_security_policy([
                ua.SecurityPolicyType.NoSecurity,
                ua.SecurityPolicyType.Basic256Sha256_SignAndEncrypt,
                ua.SecurityPolicyType.Aes256Sha256RsaPss_SignAndEncrypt,
            ])
        else:
            self.server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
        for uri in given.namespaces.split(","):
            await self.server.register_namespace(uri)
        served = json.loads(Path(given.file).read_text())["served"]
        for one in served:
            await self.add(one)
        await self.server.start()
        print(json.dumps({
            "ready": True,
            "endpoint": f"opc.tcp://127.0.0.1:{given.port}",
            "port": given.port,
            "certificate": str(certificate) if certificate else None,
        }), flush=True)

    def user_certificate(self):
        if self.arguments.user_certificate is None:
            return None
        pem = Path(self.arguments.user_certificate).read_bytes()
        return x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)

    async def add(self, one):
        index = await self.server.get_namespace_index(one["namespace"])
        node_id = ua.NodeId.from_string(f"ns={index};{one['node']}")
        variant = self.variant(one, one["value"])
        node = await self.server.nodes.objects.add_variable(node_id, one["name"], variant)
        # Whoever could write would be seen by the counts, not by a refusal.
        await node.set_writable()
        self.nodes[one["name"]], self.entries[one["name"]] = node, one
        if "status" in one:
            await self.set({"set": one["name"], "value": one["value"], "status": one["status"]})

    @staticmethod
    def variant(one, value):
        return ua.Variant(float("nan") if value == "NaN" else value, TYPES[one["type"]])

    async def set(self, line):
        one = self.entries[line["set"]]
        status = ua.StatusCode(line.get("status", 0))
        now = datetime.now(UTC)
        source = now - timedelta(seconds=line.get("source_s_ago", 0))
        if line.get("source") == "stand still":
            source = one.setdefault("stood", source)
        value = self.variant(one, line["value"])
        data = ua.DataValue(value, status, SourceTimestamp=source, ServerTimestamp=now)
        await self.nodes[line["set"]].write_value(data)

    async def forget(self):
        service = self.server.iserver.subscription_service
        await service.delete_subscriptions(list(service.subscriptions))

    async def answer(self, line):
        if "set" in line:
            await self.set(line)
        elif "forget" in line:
            await self.forget()
        elif "register" in line:
            await self.server.register_namespace(line["register"])
        elif "count" in line:
            line["services"] = dict(self.counts)
        print(json.dumps(line), flush=True)


def count_services(foreign):
    """Counts every request that reaches the server, before it is handled."""
    process = UaProcessor._process_message

    async def counting(self, typeid, *rest):
        name = SERVICES.get(typeid.Identifier, str(typeid))
        foreign.counts[name] = foreign.counts.get(name, 0) + 1
        return await process(self, typeid, *rest)

    UaProcessor._process_message = counting


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("file")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--namespaces", default="urn:example:foreign:device,urn:example:foreign:other")
    parser.add_argument("--secure")
    parser.add_argument("--user")
    parser.add_argument("--user-certificate")
    parser.add_argument("--queue-max", type=int, default=10_000)
    arguments = parser.parse_args()
    arguments.port = arguments.port or free_port()
    logging.basicConfig(level=logging.ERROR)
    foreign = Foreign(arguments)
    count_services(foreign)
    MonitoredItemService._revise_queue_size = lambda _, asked: min(asked or arguments.queue_max, arguments.queue_max)
    await foreign.start()
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        await foreign.answer(json.loads(line))


asyncio.run(main())
