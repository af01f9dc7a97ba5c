"""Where the generator's numbers come from: one stream of draws a part of the sample, from one seed.

Belongs here: the default seed and the streams. Does not belong here: what is drawn from them.
"""

import random

SEED = 20210101


def stream(seed: int, part: str) -> random.Random:
    """The draws of one part of the sample: the same on every machine, and none of another part's.

    A string is hashed by Python's own SHA-512, so that near seeds and parts have nothing in common.
    """
    return random.Random(f"{seed} {part}")  # noqa: S311 - the sample must repeat, not be secret
