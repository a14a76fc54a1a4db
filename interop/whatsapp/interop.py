"""Runs a widely used client library for WhatsApp against a running simulator.

Usage: interop.py http://127.0.0.1:PORT APP SECRET TOKEN
"""

import logging
import sys

from incoming import incoming
from outgoing import outgoing
from world import ANNA, NUMBER, World

if len(sys.argv) != 5:
    sys.exit(__doc__)

# What the library could not read it only logs.
logging.basicConfig(level=logging.ERROR, stream=sys.stdout)
world = World(*sys.argv[1:])
world.bsuid = world.sim("GET", f"whatsapp/numbers/{NUMBER}/people/{ANNA}/phone")["user_id"]
for run in (outgoing, incoming):
    world.check(run.__name__, lambda run=run: run(world))
print(f"{world.passed} passed, {world.failed} failed")
sys.exit(1 if world.failed or not world.passed else 0)
