"""A serial cable: two pseudo-terminals, each the other's far end."""

import asyncio
import os
import tty


class PtyPair:
    """The ports `ours` and `theirs`. What is written into one comes out of the other."""

    def __init__(self):
        ends = [os.openpty(), os.openpty()]
        for _, port in ends:
            # Held open: a port that nobody has open would end the cable.
            tty.setraw(port)
        (self.near, near_port), (self.far, far_port) = ends
        self.ours, self.theirs = os.ttyname(near_port), os.ttyname(far_port)
        loop = asyncio.get_running_loop()
        loop.add_reader(self.near, self.carry, self.near, self.far)
        loop.add_reader(self.far, self.carry, self.far, self.near)

    @staticmethod
    def carry(source, target):
        """Carries what is there."""
        os.write(target, os.read(source, 4096))
