"""Verifies records with pycose and cbor2, which share no line with cellwatch.

    verify.py PUBLIC-KEY-FILE [PUBLIC-KEY-FILE ...] < messages

A change of the agent's key that both keys have sealed is followed from the first key on; from its record on, the old one
is believed no longer.

Each line of the input is a message from MQTT: topic, space, payload in hexadecimal digits. Prints one JSON object:
what was verified and how many changed records were refused. Ends with 1 and a sentence where anything is wrong.

What is checked comes from RFC 9052 (COSE), RFC 8949 section 4.2.1 (deterministic CBOR), RFC 8032 (Ed25519) and
agent/record/record.cddl.
"""

import hashlib
import json
import sys

import cbor2
from pycose.algorithms import EdDSA
from pycose.headers import KID, Algorithm, ContentType
from pycose.keys import OKPKey
from pycose.keys.curves import Ed25519
from pycose.messages import CoseMessage, Sign1Message

LIVE = ("telemetry", "alarm", "deviation", "result", "batch", "event", "state", "health", "action")
CONTENT_TYPE = "application/cellwatch-record"
SUCCESSION = "application/cellwatch-key-succession"
# Keys of a record (record.cddl).
VERSION, AGENT, JOURNAL, SEQ, PREV, KIND, BOOT, UTC, MONO, CLOCK, MASTER_FILE, UNIT, BATCH, PHASE, BODY = range(15)
TELEMETRY, ALARM, EVENT = 1, 2, 7
CONFIGURATION, IN_FORCE, KEY_ROTATED = 4, 10, 25
# Every bit of this many records is changed, one after the other; of the others BITS each.
WHOLE, BITS = 3, 24


class Refused(Exception):
    """The record is not what the agent sealed."""


def opened(sealed, key, content_type=CONTENT_TYPE):
    """The payload of a sealed record, if the key sealed exactly these bytes."""
    try:
        message = CoseMessage.decode(sealed)
    except Exception as error:  # pylint: disable=broad-except # whatever the library says of damaged bytes
        raise Refused(f"not COSE: {error}") from error
    if not isinstance(message, Sign1Message):
        raise Refused("not COSE_Sign1")
    if message.uhdr:
        raise Refused("an unprotected header")
    kid = hashlib.sha256(key.x).digest()[:8]
    if message.phdr != {Algorithm: EdDSA, KID: kid, ContentType: content_type}:
        raise Refused(f"protected header {message.phdr}")
    message.key = key
    try:
        good = message.verify_signature()
    except Exception as error:  # pylint: disable=broad-except
        raise Refused(f"no signature: {error}") from error
    if not good:
        raise Refused("the signature is not the agent's")
    tagged = cbor2.CBORTag(18, [message.phdr_encoded, {}, message.payload, message.signature])
    if cbor2.dumps(tagged, canonical=True) != sealed:
        raise Refused("other bytes stand for the same message")
    return message.payload


def decoded(payload):
    """The map of a record, if its encoding is the deterministic one."""
    record = cbor2.loads(payload)
    if cbor2.dumps(record, canonical=True) != payload:
        raise Refused("not deterministic CBOR")
    return record


def records_of(lines):
    """Every sealed record in the messages, live or in a bundle, and how many came each way."""
    sealed, ways = [], {"live": 0, "backfill": 0}
    for line in lines:
        topic, _, digits = line.strip().partition(" ")
        leaf = topic.rsplit("/", 1)[-1]
        if leaf in LIVE:
            sealed.append(bytes.fromhex(digits))
            ways["live"] += 1
        elif leaf == "backfill":
            bundle = cbor2.loads(bytes.fromhex(digits))
            sealed.extend(bundle)
            ways["backfill"] += len(bundle)
    return sealed, ways


class Keys:
    """Who may seal: from a record on that says so, sealed by both, another one."""

    def __init__(self, files):
        self.believed = {}
        self.used = []
        for name in files:
            with open(name, encoding="ascii") as file:
                self.add(bytes.fromhex(file.read().strip()))

    def add(self, public):
        """Believes a key from now on."""
        self.believed[hashlib.sha256(public).digest()[:8]] = OKPKey(crv=Ed25519, x=public)

    def open(self, sealed):
        """The payload of a sealed record and the key that sealed it."""
        try:
            kid = CoseMessage.decode(sealed).phdr[KID]
        except Exception as error:  # pylint: disable=broad-except
            raise Refused(f"not COSE with a key id: {error}") from error
        if kid not in self.believed:
            raise Refused(f"sealed with key {kid.hex()}, which nobody vouches for here")
        if kid not in self.used:
            self.used.append(kid)
        key = self.believed[kid]
        return opened(sealed, key), key

    def follow(self, record, key):
        """Takes up a change of keys."""
        if record[KIND] != EVENT or record[BODY][1] != KEY_ROTATED:
            return
        said = record[BODY][4]
        if said["old_key"] != key.x:
            raise Refused("a change of keys that the old key has not sealed")
        new = OKPKey(crv=Ed25519, x=said["new_key"])
        succession = decoded(opened(said["succession"], new, SUCCESSION))
        if succession != {0: 1, 1: record[AGENT], 2: record[JOURNAL], 3: key.x, 4: new.x}:
            raise Refused("a change of keys that was taken from elsewhere")
        del self.believed[hashlib.sha256(key.x).digest()[:8]]
        self.add(new.x)


class Walk:
    """Follows the chain and what the records say."""

    def __init__(self):
        self.before = None
        self.hash = bytes(32)
        self.bound = {0}
        self.names = {}
        self.readings = self.checked_raw = self.alarms = 0

    def follow(self, record, payload):
        """Takes the next record."""
        seq = record[SEQ]
        expected = self.before[SEQ] + 1 if self.before else 1
        if seq != expected:
            raise Refused(f"seq {seq} stands where {expected} should")
        if record[PREV] != self.hash:
            raise Refused(f"seq {seq} does not name the record before")
        if record[VERSION] != 1 or len(record[JOURNAL]) != 16 or record[BOOT] < 1:
            raise Refused(f"seq {seq}: version, journal or boot")
        if self.before:
            if record[JOURNAL] != self.before[JOURNAL] or record[AGENT] != self.before[AGENT]:
                raise Refused(f"seq {seq} is of another journal")
            if record[BOOT] == self.before[BOOT] and record[MONO] < self.before[MONO]:
                raise Refused(f"seq {seq}: monotonic time goes back")
        sync, error_bound_us, offset_us = record[CLOCK]
        if sync not in (0, 1, 2, 3) or record[UTC] < 1_700_000_000_000_000_000:
            raise Refused(f"seq {seq}: no wall time with its state")
        if not 0 <= error_bound_us < 1 << 32 or not -(1 << 31) <= offset_us < 1 << 31:
            raise Refused(f"seq {seq}: no error bound or offset of the clock")
        self.read(record, seq)
        if record[MASTER_FILE] not in self.bound:
            raise Refused(f"seq {seq} names a Master File that no event has bound")
        self.before, self.hash = record, hashlib.sha256(payload).digest()

    def read(self, record, seq):
        """Looks into the body."""
        body = record[BODY]
        if record[KIND] == EVENT and body[1] == IN_FORCE:
            details = body[4]
            if len(details["sha256"]) != 32 or details["version"] < 1 or not details["id"]:
                raise Refused(f"seq {seq} binds a Master File without id, version and hash")
            self.bound.add(details["index"])
        elif record[KIND] == EVENT and body[1] == CONFIGURATION:
            for index, name, unit, decimals, *_ in body[4]["parameters"]:
                self.names[record[UNIT], index] = (name, unit, decimals)
        elif record[KIND] == TELEMETRY:
            self.frame(record, body, seq)
        elif record[KIND] == ALARM:
            self.alarms += 1

    def frame(self, record, frame, seq):
        """Decodes a frame, and TEMP.PV from its raw words besides."""
        for parameter, kind, track, values, raw, qualities in frame[3]:
            times = frame[2][track]
            if len(times) != len(values) or (record[UNIT], parameter) not in self.names:
                raise Refused(f"seq {seq}: a column without its times or its name")
            runs = [code for count, code in zip(qualities[::2], qualities[1::2]) for _ in range(count)]
            if runs and len(runs) != len(values):
                raise Refused(f"seq {seq}: a column without its qualities")
            self.readings += len(values)
            name, unit, decimals = self.names[record[UNIT], parameter]
            if kind >= 0 and kind != decimals:
                raise Refused(f"seq {seq}: {name} has {kind} decimals, not {decimals}")
            # 16 bits with sign, in hundredths (config/examples/profiles/rocking-bag-25.toml).
            if name == "TEMP.PV" and unit == "°C" and not runs:
                words = [int.from_bytes(raw[i : i + 2], "big", signed=True) for i in range(0, len(raw), 2)]
                so_far, hundredths = 0, []
                for difference in values:
                    so_far += difference
                    hundredths.append(so_far)
                if hundredths != words:
                    raise Refused(f"seq {seq}: TEMP.PV is {hundredths}, its words say {words}")
                self.checked_raw += len(words)


def bits_to_change(index, length):
    """Which bits of a record are changed: all, or some spread over it, first and last among them."""
    bits = length * 8
    if index < WHOLE:
        return range(bits)
    return sorted({0, bits - 1} | {(number * bits // BITS + index * 7) % bits for number in range(BITS)})


def main():
    """Reads, verifies, changes."""
    keys = Keys(sys.argv[1:])
    sealed, ways = records_of(sys.stdin)
    by_seq = {}
    for one in sealed:
        # Only to bring them into their order: nothing is believed yet.
        try:
            seq = decoded(CoseMessage.decode(one).payload)[SEQ]
        except Refused:
            raise
        except Exception as error:  # pylint: disable=broad-except
            raise Refused(f"not a record: {error}") from error
        if by_seq.setdefault(seq, one) != one:
            raise Refused(f"seq {seq} came twice with other bytes")
    walk, sealed_by = Walk(), {}
    for seq in sorted(by_seq):
        payload, sealed_by[seq] = keys.open(by_seq[seq])
        record = decoded(payload)
        walk.follow(record, payload)
        keys.follow(record, sealed_by[seq])

    changed = 0
    for index, seq in enumerate(sorted(by_seq)):
        original = by_seq[seq]
        for bit in bits_to_change(index, len(original)):
            damaged = bytearray(original)
            damaged[bit // 8] ^= 1 << bit % 8
            try:
                opened(bytes(damaged), sealed_by[seq])
            except Refused:
                changed += 1
            else:
                raise Refused(f"seq {seq} with bit {bit} changed was taken for good")
    report = {
        "records": len(by_seq),
        "through": max(by_seq),
        "live": ways["live"],
        "backfill": ways["backfill"],
        "readings": walk.readings,
        "readings_checked_by_raw_words": walk.checked_raw,
        "alarms": walk.alarms,
        "keys": len(keys.used),
        "master_files": len(walk.bound) - 1,
        "refused_changes": changed,
    }
    print(json.dumps(report))


try:
    main()
except Refused as refused:
    sys.exit(f"verify.py: {refused}")
