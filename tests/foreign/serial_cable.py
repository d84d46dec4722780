"""A serial cable that outlives what is plugged into it: makes the two ports under the names that it is given.

Prints {"ready": true} and ends with its standard input.
"""

import asyncio
import json
import os
import sys

from pty_pair import PtyPair


async def main():
    """Makes the ports and carries."""
    cable = PtyPair()
    os.symlink(cable.ours, sys.argv[1])
    os.symlink(cable.theirs, sys.argv[2])
    print(json.dumps({"ready": True}), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


asyncio.run(main())
