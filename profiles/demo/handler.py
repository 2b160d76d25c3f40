"""What the demo's container runs: it reads what was pinned instead of hard-coding it."""
import json

import numpy

with open("/opt/slipway/stack.json", encoding="utf-8") as file:
    stack = json.load(file)
print(f"{stack['name']}: Python {stack['python']}, numpy {numpy.__version__}")
print("2 x 3 =", int(numpy.array([2]) @ numpy.array([3])))
