"""Runs commands side by side and prints medians and ratios: wall time, CPU time (user and system), peak memory.

The runs alternate, so that a slow moment of the machine meets every command. CPU and memory are the kernel's own
account of each child (wait4), its children included; a peak below this interpreter's own (about 15 MiB) reads as that.
"""
import dataclasses
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import time


@dataclasses.dataclass
class Sample:
    wall: float  # seconds
    cpu: float  # seconds
    peak: float  # MiB


def once(command, accept=(0,), **options):
    began = time.perf_counter()
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                             **options)
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - began
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in accept:
        sys.exit(f"{command}: exit status {child.returncode}")
    return Sample(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def network():
    """What of this environment says how the network is reached."""
    words = ("PIP_", "UV_", "SSL_CERT", "REQUESTS_CA", "CURL_CA", "http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY",
             "no_proxy", "NO_PROXY")
    return {name: value for name, value in os.environ.items() if name.startswith(words)}


def find_buildx():
    """docker's buildx: the one that $BUILDX names, or the one installed here; None, and a word about it, where there is none."""
    found = next(filter(None, [os.environ.get("BUILDX"), shutil.which("docker-buildx"),
                               *map(str, pathlib.Path("/usr").glob("lib*/docker/cli-plugins/docker-buildx"))]), None)
    if not found:
        print("buildx is not here: left out")
    return found


def medians(samples):
    return Sample(*(statistics.median(getattr(sample, field.name) for sample in samples)
                    for field in dataclasses.fields(Sample)))


def compare(commands, runs, before=None, **options):
    """`commands` is {name: command}; the first is what the others are compared with. `before` is called before each run.
    Returns the medians by name."""
    samples = {name: [] for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            if before:
                before()
            samples[name].append(once(command, **options))
    results = {name: medians(found) for name, found in samples.items()}
    first = next(iter(results.values()))
    width = max(map(len, results))
    print(f"{'':{width}}  {'wall ms':>9} {'ratio':>6} {'CPU ms':>9} {'ratio':>6} {'peak MiB':>9} {'ratio':>6}   "
          f"median of {runs}")
    for name, own in results.items():
        cells = [f"{value * scale:>9.1f} {value / base if base else float('nan'):>6.2f}" for value, base, scale in
                 ((own.wall, first.wall, 1000), (own.cpu, first.cpu, 1000), (own.peak, first.peak, 1))]
        print(f"{name:{width}}  {' '.join(cells)}")
    return results
