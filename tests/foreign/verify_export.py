"""Verifies an export with pycose and cbor2, which share no line with cellwatch.

    verify_export.py FOLDER AGENT-PUBLIC-KEY MANIFEST-PUBLIC-KEY

Checks the manifest's seal, the hash of every file that it names, the seal of every record, the JSON lines against the
records, and, where a batch was exported, the Merkle root of its seal (RFC 9162 section 2.1, written down here as the
definition has it). Prints one JSON object. Ends with 1 and a sentence where anything is wrong.
"""

import csv
import hashlib
import json
import os
import sys

import cbor2
from pycose.algorithms import EdDSA
from pycose.headers import KID, Algorithm, ContentType
from pycose.keys import OKPKey
from pycose.keys.curves import Ed25519
from pycose.messages import CoseMessage, Sign1Message

RECORD, MANIFEST = "application/cellwatch-record", "application/cellwatch-export"
SUCCESSION = "application/cellwatch-key-succession"
# Keys of a record, of a batch change and of its seal (record.cddl).
JOURNAL, SEQ, KIND, UNIT, BATCH, BODY = 2, 3, 5, 11, 12, 14
BATCH_KIND, SEALED = 6, 4
AGENT, EVENT_KIND, KEY_ROTATED = 1, 7, 25


class Refused(Exception):
    """The export is not what its maker sealed."""


def opened(sealed, key, content_type):
    """The payload of a seal, if the key sealed exactly this as that."""
    try:
        message = CoseMessage.decode(sealed)
    except Exception as error:  # pylint: disable=broad-except # whatever the library says of damaged bytes
        raise Refused(f"not COSE: {error}") from error
    kid = hashlib.sha256(key.x).digest()[:8]
    if not isinstance(message, Sign1Message) or message.uhdr:
        raise Refused("not COSE_Sign1, or with unprotected headers")
    if message.phdr != {Algorithm: EdDSA, KID: kid, ContentType: content_type}:
        raise Refused(f"protected header {message.phdr}")
    message.key = key
    try:
        good = message.verify_signature()
    except Exception as error:  # pylint: disable=broad-except
        raise Refused(f"no signature: {error}") from error
    if not good:
        raise Refused("a signature does not fit")
    return message.payload


def decoded(payload):
    """A map, if its encoding is the deterministic one."""
    content = cbor2.loads(payload)
    if cbor2.dumps(content, canonical=True) != payload:
        raise Refused("not deterministic CBOR")
    return content


def tree_hash(leaves):
    """MTH of RFC 9162 section 2.1.1, as it stands there."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + tree_hash(leaves[:k]) + tree_hash(leaves[k:])).digest()


def files(folder, manifest):
    """Every file is there as it was exported, and nothing else."""
    named = {name: (length, digest) for name, length, digest in manifest[7]}
    there = set(os.listdir(folder)) - {"manifest.cose"}
    if there != set(named):
        raise Refused(f"files {sorted(there ^ set(named))} are missing or were added")
    for name, (length, digest) in named.items():
        with open(os.path.join(folder, name), "rb") as file:
            content = file.read()
        if len(content) != length or hashlib.sha256(content).digest() != digest:
            raise Refused(f"{name} was changed")


def item_end(content, begin):
    """Where the CBOR item that begins here ends (RFC 8949 section 3)."""
    head = content[begin]
    major, short, at = head >> 5, head & 0x1F, begin + 1
    if short > 27:
        raise Refused("an item of indefinite length")
    width = {24: 1, 25: 2, 26: 4, 27: 8}.get(short, 0)
    argument = int.from_bytes(content[at : at + width], "big") if width else short
    at += width
    if major in (2, 3):
        at += argument
    for _ in range({4: argument, 5: 2 * argument, 6: 1}.get(major, 0)):
        at = item_end(content, at)
    if at > len(content):
        raise Refused("the records end within an item")
    return at


def records(folder, key):
    """Payload hash and map of every record."""
    with open(os.path.join(folder, "records.cose"), "rb") as file:
        content = file.read()
    begin, found = 0, []
    while begin < len(content):
        end = item_end(content, begin)
        payload = opened(content[begin:end], key, RECORD)
        record = decoded(payload)
        found.append((hashlib.sha256(payload).digest(), record))
        key = followed(record, key)
        begin = end
    return found


def followed(record, key):
    """The key of the next record: another one where both have sealed that it follows."""
    if record[KIND] != EVENT_KIND or record[BODY][1] != KEY_ROTATED:
        return key
    said = record[BODY][4]
    new = OKPKey(crv=Ed25519, x=said["new_key"])
    succession = decoded(opened(said["succession"], new, SUCCESSION))
    if said["old_key"] != key.x or succession != {0: 1, 1: record[AGENT], 2: record[JOURNAL], 3: key.x, 4: new.x}:
        raise Refused("a change of keys that not both keys have sealed")
    return new


def lines(folder, found):
    """Each JSON line speaks of its record."""
    with open(os.path.join(folder, "records.jsonl"), encoding="utf-8") as file:
        said = [json.loads(line) for line in file]
    if len(said) != len(found):
        raise Refused(f"{len(said)} JSON lines for {len(found)} records")
    for line, (digest, record) in zip(said, found):
        if (line["seq"], line["payload_sha256"], line["unit"]) != (record[SEQ], digest.hex(), record.get(UNIT)):
            raise Refused(f"the JSON line of seq {record[SEQ]} is of another record")


def tables(folder):
    """Rows of each table; none of their fields begins a formula but with a number."""
    counts = {}
    for name in sorted(os.listdir(folder)):
        if not name.endswith(".csv"):
            continue
        with open(os.path.join(folder, name), encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file, strict=True))
        if any(len(row) != len(rows[0]) for row in rows):
            raise Refused(f"{name}: a row of another width")
        for field in (field for row in rows for field in row if field[:1] in "=+-@\t\r" and field):
            try:
                float(field)
            except ValueError as error:
                raise Refused(f"{name}: {field} begins a formula") from error
        counts[name] = len(rows) - 1
    return counts


def batch(manifest, found):
    """The root that the batch's records make, if a batch was exported: by what record.cddl says of belonging."""
    if manifest[6][0] != 1:
        return None
    _, unit, name = manifest[6]
    sealing = [
        record
        for _, record in found
        if record[KIND] == BATCH_KIND and record[BODY][1] == SEALED and record[BODY][2] == name
    ]
    if not sealing:
        return None
    record = sealing[-1]
    seal = record[BODY][6]
    belongs = [
        (digest, one)
        for digest, one in found
        if one[JOURNAL] == record[JOURNAL]
        and seal[1] <= one[SEQ] <= seal[2]
        and one.get(UNIT) in (None, unit)
    ]
    root = tree_hash([digest for digest, _ in belongs])
    counts = {}
    for _, one in belongs:
        counts[one[KIND]] = counts.get(one[KIND], 0) + 1
    if root != seal[4] or sorted(counts.items()) != [tuple(pair) for pair in seal[3]]:
        raise Refused(f"the records make {root.hex()}, sealed is {seal[4].hex()}")
    if manifest[9] != [record[SEQ], root]:
        raise Refused("the manifest names another seal")
    for left_out in range(len(belongs)):
        leaves = [digest for digest, _ in belongs]
        del leaves[left_out]
        if tree_hash(leaves) == root:
            raise Refused("a record can be left out")
        if left_out >= 20:
            break
    return {"root": root.hex(), "records": len(belongs)}


def key_of(path):
    """A public key file."""
    with open(path, encoding="ascii") as file:
        return OKPKey(crv=Ed25519, x=bytes.fromhex(file.read().strip()))


def main():
    """Reads and verifies."""
    folder, agent_key, manifest_key = sys.argv[1], key_of(sys.argv[2]), key_of(sys.argv[3])
    with open(os.path.join(folder, "manifest.cose"), "rb") as file:
        manifest = decoded(opened(file.read(), manifest_key, MANIFEST))
    files(folder, manifest)
    found = records(folder, agent_key)
    lines(folder, found)
    print(json.dumps({"records": len(found), "rows": tables(folder), "batch": batch(manifest, found)}))


try:
    main()
except Refused as refused:
    sys.exit(f"verify_export.py: {refused}")
