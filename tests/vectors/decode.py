#!/usr/bin/env python3
"""Decodes the golden vectors of decoding.jsonl, independently of the agent, and compares.

One JSON object a line. All numbers are texts, so that no reader of JSON rounds them.

    name        what the vector is about; with the type it is unique
    type        bit | bit:K | u16 i16 u32 i32 u64 i64 f32 f64 | text:N
    word_order  big (the most significant word first; the default) | little
    byte_order  order of the bytes within a word: big (the default) | little
    words       the words as the device sends them, in hex, first address first
    scale       value = raw * scale + offset, in IEEE 754 binary64, 1 and 0 by default
    offset
    decimals    digits to which the value is rounded, half to even, 0 by default
    sentinels   raw numbers that mean "no value"
    range       [low, high] of the value after rounding, both included
    values      the known raw numbers of an enumeration, with their words
    expect      {"number": n} | {"integer": n} | {"bool": b} | {"text": t} | {"bad": cause}

An integer that is not scaled, shifted or given decimals stays one, exact to 64 bits; scaled it must lie
within 2^53, beyond which binary64 has gaps. Exit status: 0 all agree, 1 some do not, 2 the file cannot be read.
"""

import json
import math
import struct
import sys
from pathlib import Path

NUMBERS = {"u16": "H", "i16": "h", "u32": "I", "i32": "i", "u64": "Q", "i64": "q", "f32": "f", "f64": "d"}
EXACT = 2**53


class Bad(Exception):
    """There is no value; the argument is the cause."""


def registers(kind):
    if kind.startswith("text:"):
        return int(kind[5:])
    if kind in NUMBERS:
        return struct.calcsize(">" + NUMBERS[kind]) // 2
    return 1


def arranged(vector, words):
    """The bytes, most significant first."""
    pairs = [struct.pack(">H" if vector.get("byte_order", "big") == "big" else "<H", word) for word in words]
    if vector.get("word_order", "big") == "little":
        pairs.reverse()
    return b"".join(pairs)


def text(data):
    try:
        found = data.split(b"\0", 1)[0].decode("utf-8")
    except UnicodeDecodeError:
        raise Bad("configuration") from None
    found = found.rstrip(" ")
    if any(ord(char) < 0x20 or 0x7F <= ord(char) < 0xA0 for char in found):
        raise Bad("configuration")
    return {"text": found}


def flag(vector, is_set):
    values = vector.get("values", {})
    if values and str(int(is_set)) not in values:
        raise Bad("configuration")
    return {"bool": is_set}


def check_range(vector, value):
    """Python compares integers and floats exactly."""
    if "range" in vector:
        low, high = (float(end) for end in vector["range"])
        if value < low or value > high:
            raise Bad("out-of-range")


def number(vector, raw):
    whole = isinstance(raw, int)
    if whole and raw > 2**63 - 1:
        raise Bad("configuration")
    if not whole and not math.isfinite(raw):
        raise Bad("sensor-failure")
    if any(raw == int(sentinel) for sentinel in vector.get("sentinels", [])):
        raise Bad("sensor-failure")
    if whole and vector.get("values"):
        if str(raw) not in vector["values"]:
            raise Bad("configuration")
        return {"integer": str(raw)}
    scale, offset = float(vector.get("scale", "1")), float(vector.get("offset", "0"))
    decimals = vector.get("decimals", 0)
    if whole and scale == 1.0 and offset == 0.0 and decimals == 0:
        check_range(vector, raw)
        return {"integer": str(raw)}
    if whole and abs(raw) > EXACT:
        raise Bad("out-of-range")
    scaled = (float(raw) * scale + offset) * float(10**decimals)
    if not math.isfinite(scaled):
        raise Bad("out-of-range")
    digits = round(scaled)  # half to even, exactly
    if abs(digits) > EXACT:
        raise Bad("out-of-range")
    value = digits / 10**decimals
    check_range(vector, value)
    return {"number": value}


def decode(vector):
    kind = vector["type"]
    words = [int(word, 16) for word in vector["words"].split()]
    if len(words) != registers(kind):
        raise Bad("wrong-reply")
    if kind == "bit":
        if words[0] not in (0, 1):
            raise Bad("wrong-reply")
        return flag(vector, words[0] == 1)
    data = arranged(vector, words)
    if kind.startswith("bit:"):
        return flag(vector, bool(struct.unpack(">H", data)[0] >> int(kind[4:]) & 1))
    if kind.startswith("text:"):
        return text(data)
    return number(vector, struct.unpack(">" + NUMBERS[kind], data)[0])


def agrees(found, expected):
    if "number" in expected:
        return found == {"number": float(expected["number"])}
    return found == expected


def main():
    path = Path(__file__).with_name("decoding.jsonl")
    try:
        vectors = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    except (OSError, ValueError) as error:
        print(f"{path} cannot be read: {error}", file=sys.stderr)
        return 2
    wrong = 0
    for line, vector in enumerate(vectors, start=1):
        try:
            found = decode(vector)
        except Bad as cause:
            found = {"bad": str(cause)}
        if not agrees(found, vector["expect"]):
            wrong += 1
            print(f"{path.name}:{line}: {vector['type']}: {vector['name']}: {found}, expected {vector['expect']}", file=sys.stderr)
    print(f"decoding vectors in Python: {len(vectors)} cases, {wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
