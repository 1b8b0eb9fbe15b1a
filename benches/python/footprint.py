"""What importing a module adds to a fresh interpreter: one import, timed and weighed, as JSON."""

import importlib
import json
import sys
import time


def resident_kib():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))


folder, name = sys.argv[1:3]
if folder != "-":
    sys.path.insert(0, folder)
before = resident_kib()
start = time.perf_counter_ns()
importlib.import_module(name)
spent = time.perf_counter_ns() - start
json.dump({"ms": spent / 1e6, "kib": resident_kib() - before}, sys.stdout)
