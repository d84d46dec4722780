"""Prints the words that a JSON file of values makes, as pymodbus encodes them: lines "TABLE ADDRESS WORD"."""

import json
import sys

from modbus_server import BITS, words_of

with open(sys.argv[1], encoding="utf-8") as file:
    for one in json.load(file)["served"]:
        if "raw" not in one:
            continue
        words = [int(one["raw"])] if one["table"] in BITS else words_of(one)
        for offset, word in enumerate(words):
            print(one["table"], one["address"] + offset, word)
