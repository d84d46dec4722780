"""A Modbus server by pymodbus, on TCP or (--serial) RTU on a pty, that serves what a JSON file says. With --at PLACE it
takes this port of loopback, or this serial port, instead of one that is free.

Prints {"ready": true, "address": ...} or {"ready": true, "port": ...}, then answers lines on standard input:
{"set": NAME, "raw": NUMBER}, {"count": N} and {"trouble": WHAT}: from then on it is "silent", "late" (by "after_s") or
"busy", an exception, until it is told null. Ends with its standard input.

pymodbus encodes the numbers. The order of the bytes in a word, which pymodbus does not turn, is turned here.
"""

import asyncio
import json
import logging
import sys

from pymodbus.client.mixin import ModbusClientMixin
from pymodbus.constants import ExcCodes
from pymodbus.framer import FramerType
from pymodbus.server import ModbusSerialServer, ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from pty_pair import PtyPair

TYPES = {
    "u16": ModbusClientMixin.DATATYPE.UINT16,
    "i16": ModbusClientMixin.DATATYPE.INT16,
    "u32": ModbusClientMixin.DATATYPE.UINT32,
    "i32": ModbusClientMixin.DATATYPE.INT32,
    "u64": ModbusClientMixin.DATATYPE.UINT64,
    "i64": ModbusClientMixin.DATATYPE.INT64,
    "f32": ModbusClientMixin.DATATYPE.FLOAT32,
    "f64": ModbusClientMixin.DATATYPE.FLOAT64,
    "text": ModbusClientMixin.DATATYPE.STRING,
}
TABLES = ("coil", "discrete", "holding", "input")
BITS = ("coil", "discrete")
READS = (1, 2, 3, 4)
# What a write of this process to its own tables looks like to pymodbus.
WRITE_HOLDING, READ_INPUT = 16, 4


def words_of(one):
    """The registers of one entry."""
    raw = one["raw"]
    if raw == "NaN":
        raw = float("nan")
    word_order = one.get("word_order", "big")
    words = ModbusClientMixin.convert_to_registers(raw, TYPES[one["type"]], word_order)
    words += [0] * (one.get("registers", len(words)) - len(words))
    if one.get("byte_order", "big") == "little":
        words = [(word & 0xFF) << 8 | word >> 8 for word in words]
    return words


class Server:
    """The server, its entries by name, and what it was asked."""

    def __init__(self, entries):
        self.entries = {one["name"]: one for one in entries if "raw" in one}
        self.reads = self.others = 0
        self.mine = False
        self.trouble, self.after_s = None, 0.0
        # It never comes.
        self.answer_of_the_silent = asyncio.Event()
        tables = {table: [] for table in TABLES}
        # pymodbus takes no empty table.
        for table in set(TABLES) - {one["table"] for one in self.entries.values()}:
            kind, value = (DataType.BITS, False) if table in BITS else (DataType.REGISTERS, 0)
            tables[table].append(SimData(65535, values=value, datatype=kind))
        for one in self.entries.values():
            table = tables[one["table"]]
            if one["table"] in BITS:
                table.append(SimData(one["address"], values=bool(one["raw"]), datatype=DataType.BITS))
            else:
                table.append(SimData(one["address"], values=words_of(one), datatype=DataType.REGISTERS))
        self.device = SimDevice(1, simdata=tuple(tables[table] for table in TABLES), action=self.asked)
        self.server = None

    async def asked(self, function, *_request):
        """Counts what comes in from outside, and is in trouble where it is told to be."""
        if self.mine:
            return None
        if function in READS:
            self.reads += 1
        else:
            self.others += 1
        if self.trouble == "silent":
            await self.answer_of_the_silent.wait()
        if self.trouble == "late":
            await asyncio.sleep(self.after_s)
        return ExcCodes.DEVICE_BUSY if self.trouble == "busy" else None

    async def answer(self, question):
        """Does what a line on standard input says."""
        if "set" in question:
            one = self.entries[question["set"]]
            one["raw"] = question["raw"]
            function = WRITE_HOLDING if one["table"] == "holding" else READ_INPUT
            self.mine = True
            await self.server.async_setValues(1, function, one["address"], words_of(one))
            self.mine = False
            return question
        if "trouble" in question:
            self.trouble, self.after_s = question["trouble"], question.get("after_s", 0.0)
            return question
        return {"count": question["count"], "reads": self.reads, "others": self.others}

    async def start(self, serial, place):
        """Starts to serve, and tells where."""
        if serial:
            cable = None if place else PtyPair()
            ours, theirs = (place, place) if place else (cable.ours, cable.theirs)
            self.server = ModbusSerialServer(
                self.device, framer=FramerType.RTU, port=ours, baudrate=115200, parity="N", stopbits=2
            )
            await self.server.serve_forever(background=True)
            return {"ready": True, "port": theirs}
        self.server = ModbusTcpServer(self.device, address=("127.0.0.1", int(place or 0)))
        await self.server.serve_forever(background=True)
        host, port = self.server.transport.sockets[0].getsockname()[:2]
        return {"ready": True, "address": f"{host}:{port}"}

    async def run(self, serial, place):
        """Serves until standard input ends."""
        print(json.dumps(await self.start(serial, place)), flush=True)
        loop = asyncio.get_running_loop()
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            print(json.dumps(await self.answer(json.loads(line))), flush=True)


async def main():
    """Reads the file and serves."""
    with open(sys.argv[1], encoding="utf-8") as file:
        entries = json.load(file)["served"]
    place = sys.argv[sys.argv.index("--at") + 1] if "--at" in sys.argv else None
    await Server(entries).run("--serial" in sys.argv[2:], place)


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    asyncio.run(main())
