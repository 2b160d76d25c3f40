"""Compiles projects with CUDA code into wheels, in a stage of the image that has torch.

usage: compile.py PLAN CACHE WHEELS [KEPT]

PLAN is compile.json as slipway rendered it. A wheel that CACHE holds for the same source, torch, CUDA, Python, GPUs, compilers and
C library is taken from there, and so is a wheel of the index that fits; all else is compiled without build isolation. The wheels
end up in the folder WHEELS, beside compiled.json, which says of each what it was made from; the image keeps that. KEPT is such a
folder of an earlier build, perhaps on another builder: its wheels serve like those of CACHE.
"""
import fcntl
import hashlib
import json
import os
import pathlib
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
import urllib.parse

SITE = pathlib.Path(sysconfig.get_paths()["purelib"])
PIP = [sys.executable, "-m", "pip"]
MEMORY_OF_A_JOB = 4 << 30
SECONDS_BETWEEN_LINES = 20
LINES_OF_A_FAILURE = 400
LEFT_OUT = {".git", "__pycache__", "pip-egg-info"}


class Failed(Exception):
    pass


def say(text):
    print(f"slipway: {text}", flush=True)


def run(*words, **options):
    if subprocess.run([str(word) for word in words], **options).returncode != 0:
        raise Failed(f"'{' '.join(str(word) for word in words[:6])}' failed")


def pip(*words, **options):
    run(*PIP, *words, **options)


def output(*words):
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return done.stdout.strip() if done.returncode == 0 else ""


# ---- the machine ----

def cuda_home(nvcc):
    """The folder with bin/nvcc: of NVIDIA's wheels, which are installed first, or of the CUDA image."""
    if nvcc.get("wheels"):
        pip("install", "-q", "--progress-bar", "off", *nvcc["wheels"])
        homes = [found.parents[1] for found in SITE.glob("nvidia/cu*/bin/nvcc")]
        if not homes:
            raise Failed("the wheels of nvcc have no bin/nvcc")
        complete(homes[0])
        return homes[0]
    for home in (os.environ.get("CUDA_HOME"), "/usr/local/cuda"):
        if home and os.path.exists(os.path.join(home, "bin/nvcc")):
            return pathlib.Path(home)
    raise Failed("no nvcc is here: neither CUDA_HOME nor /usr/local/cuda has one")


def complete(home):
    """Wheels have libcudart.so.13 for the loader, and neither the name that the linker looks for nor lib64."""
    for library in list((home / "lib").glob("lib*.so.*")):
        plain = library.with_name(library.name[:library.name.index(".so") + 3])
        if not plain.exists():
            plain.symlink_to(library.name)
    if not (home / "lib64").exists():
        (home / "lib64").symlink_to("lib")


def memory():
    """The bytes that this build may use, as far as the kernel tells."""
    found = []
    for path in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            found.append(int(pathlib.Path(path).read_text()))
        except (OSError, ValueError):
            continue
    for line in pathlib.Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemAvailable:"):
            found.append(int(line.split()[1]) * 1024)
    return min(found) if found else MEMORY_OF_A_JOB


def environment(plan, home):
    jobs = max(1, min(len(os.sched_getaffinity(0)), memory() // MEMORY_OF_A_JOB))
    wanted = {"TORCH_CUDA_ARCH_LIST": plan["architectures"], "MAX_JOBS": str(jobs), "NVCC_THREADS": "1",
              "CMAKE_BUILD_PARALLEL_LEVEL": str(jobs), **plan["environment"]}
    result = {**os.environ, **{name: os.environ.get(name, value) for name, value in wanted.items()}}
    result["CUDA_HOME"], result["PATH"] = str(home), f"{home}/bin:{os.environ['PATH']}"
    if "SSL_CERT_FILE" in result:
        result["GIT_SSL_CAINFO"] = result["SSL_CERT_FILE"]
    return result


def compilers(home):
    nvcc = re.findall(r"V([0-9.]+)", output(f"{home}/bin/nvcc", "--version"))
    return {"nvcc": nvcc[-1] if nvcc else "", "g++": output("g++", "-dumpfullversion")}


# ---- the source ----

def fetch(project, folder, env):
    """The project's wheel, archive or folder: what pip takes for the requirement, or the folder that it names."""
    text = project["requirement"]
    url = (text.partition("@")[2].split() or [""])[0]
    if url.startswith("file:///"):
        path = pathlib.Path(urllib.parse.unquote(urllib.parse.urlparse(url).path))
        if path.is_dir():
            return path
    lines = folder / "requirements.txt"
    # pip before 24.1 refuses a name before a URL without a host: "name @ git+file:///src/name".
    lines.write_text((text.partition("@")[2].strip() if url.startswith("git+file:///") else text) + "\n")
    words = ["download", "-q", "--progress-bar", "off", "--no-deps", "--dest", folder / "fetched", "-r", lines]
    if project.get("index"):
        words += ["--index-url", project["index"]]
    try:  # setup.py asks torch, which only this environment has
        pip(*words, "--no-build-isolation", env=env)
    except Failed:  # another backend, which only its own environment has
        say(f"{project['project']}: once more, with build isolation for its metadata")
        pip(*words, env=env)
    found = sorted((folder / "fetched").iterdir()) if (folder / "fetched").exists() else []
    return found[0] if found else None


def unpack(source, folder):
    """The folder with pyproject.toml or setup.py."""
    if source.is_dir():
        shutil.copytree(source, folder, symlinks=True)
        return folder
    options = {"filter": "data"} if sys.version_info >= (3, 12) and source.suffix != ".zip" else {}
    shutil.unpack_archive(source, folder, **options)
    inside = list(folder.iterdir())
    return inside[0] if len(inside) == 1 and inside[0].is_dir() else folder


def subfolder(project):
    fragment = (project["requirement"].partition("#")[2].split() or [""])[0]
    return urllib.parse.parse_qs(fragment).get("subdirectory", [""])[0]


def digest(folder):
    """Of all names and bytes below the folder, in the order of the names."""
    whole = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if LEFT_OUT.intersection(parts) or any(part.endswith(".egg-info") for part in parts):
            continue
        if path.is_symlink():
            content = os.fsencode(os.readlink(path))
        elif path.is_file():
            content = path.read_bytes()
        else:
            continue
        name = os.fsencode("/".join(parts))
        whole.update(b"%d %s %d " % (len(name), name, len(content)) + hashlib.sha256(content).digest())
    return whole.hexdigest()


def build_requires(folder):
    """What pyproject.toml says that a build needs, without torch, which is here."""
    path = folder / "pyproject.toml"
    if not path.exists():
        return []
    try:
        import tomllib
    except ImportError:
        from pip._vendor import tomli as tomllib
    requires = tomllib.loads(path.read_text(encoding="utf-8")).get("build-system", {}).get("requires", [])
    return [text for text in requires if project_of(text) != "torch"]


# ---- the wheel ----

def key_of(project, folder, plan, home, env):
    """All that decides the bytes of a wheel."""
    facts = {"source": digest(folder), "subfolder": subfolder(project), "torch": plan["torch"], "cuda": plan["cuda"],
             "python": "%s-%d.%d" % (sys.implementation.cache_tag, *sys.version_info[:2]), "machine": platform.machine(),
             "libc": "-".join(platform.libc_ver()),
             "environment": {name: env[name] for name in sorted(plan["decides"]) + sorted(project["environment"])}, **compilers(home)}
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest(), facts


class Progress:
    """What the lines of a build tell: how far the compiler is, and the wheel that setup.py takes from a release page.

    ninja counts its files. Builds without ninja (torch-scatter) compile one file after the other, each for minutes, and setuptools
    names the extension. setup.py of flash-attn, mamba-ssm and causal-conv1d asks the release page of the project first.
    """

    def __init__(self, name):
        self.name, self.shown, self.began, self.page = name, 0.0, time.monotonic(), None

    def read(self, line):
        step = re.match(r"\s*(\[\d+/\d+\])|\s*building '([\w.]+)' extension", line)
        page = re.match(r"\s*Guessing wheel URL:\s*(https?://\S+)\s*$", line)
        if page:
            self.page = page.group(1)
        elif self.page and "Building from source" in line:
            say(f"{self.name}: the release page has no wheel that fits: {self.page}")
            self.page = None
        if step and (step.group(2) or time.monotonic() - self.shown > SECONDS_BETWEEN_LINES):
            self.shown = time.monotonic()
            say(f"{self.name}: {step.group(1) or step.group(2)} ({round(self.shown - self.began)} s)")


def build(project, folder, out, env):
    """Compile with the output of the compilers left out, which fills any log, but for the last lines of a failure. Returns the URL of the
    wheel if the project's own build took it from a release page."""
    words = [*PIP, "wheel", "-v", "--no-deps", "--no-build-isolation", "--no-cache-dir", "--wheel-dir", out, folder / subfolder(project)]
    last, progress = [], Progress(project["project"])
    with subprocess.Popen([str(word) for word in words], env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors="replace") as running:
        for line in running.stdout:
            last = [*last[1 - LINES_OF_A_FAILURE:], line]
            progress.read(line)
    if running.returncode != 0:
        sys.stdout.write("".join(last))
        raise Failed(f"{project['project']} cannot be compiled")
    return progress.page


def keep(wheel, place, facts):
    """Put wheel and facts into the cache, as a whole or not at all."""
    with tempfile.TemporaryDirectory(dir=place.parent) as made:
        shutil.copy(wheel, made)
        (pathlib.Path(made) / "facts.json").write_text(json.dumps({**facts, "sha256": sha256(wheel)}, indent=2) + "\n")
        os.chmod(made, 0o755)
        shutil.rmtree(place, ignore_errors=True)
        os.rename(made, place)
        os.mkdir(made)


def read_json(path, kind):
    """The document of a cache, which anybody may have written; an empty one if it has another form."""
    try:
        found = json.loads(path.read_text())
    except (OSError, ValueError, RecursionError):
        return kind()
    return found if isinstance(found, kind) else kind()


def find(place):
    """The wheel that the cache holds and its facts; nothing if either is missing, or if the wheel is another than was put there."""
    facts, found = read_json(place / "facts.json", dict), sorted(place.glob("*.whl"))
    if not found:
        return None, {}
    if len(found) == 1 and isinstance(facts.get("seconds"), int) and facts.get("sha256") == sha256(found[0]):
        return found[0], facts
    say(f"{found[0].name} of the cache is not the wheel that was put there; it is not used")
    return None, {}


def take(kept, key, place):
    """Put the wheel that an earlier build kept for the same key into the cache, if it is whole."""
    for facts in read_json(kept / "compiled.json", list) if kept else []:
        if not isinstance(facts, dict) or facts.get("key") != key or not isinstance(facts.get("seconds"), int):
            continue
        wheel = kept / os.path.basename(str(facts.get("wheel", "")))
        if wheel.suffix == ".whl" and wheel.is_file() and sha256(wheel) == facts.get("sha256"):
            keep(wheel, place, {name: value for name, value in facts.items() if name not in ("wheel", "key")})
            return True
    return False


def compile_project(project, plan, cache, wheels, kept_before, home, env):
    env = {**env, **{name: os.environ.get(name, value) for name, value in project["environment"].items()}}
    name = project["project"]
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        if project["requires"]:
            pip("install", "-q", "--progress-bar", "off", *project["requires"])
        source = fetch(project, folder, env)
        if source is None:
            say(f"{name}: not for this Python or machine")
            return None
        if source.suffix == ".whl":
            say(f"{name}: {source.name} of the index fits; nothing is compiled")
            shutil.copy(source, wheels)
            return {"wheel": source.name}
        tree = unpack(source, folder / "source")
        key, facts = key_of(project, tree, plan, home, env)
        place = cache / key
        with open(cache / f"{key}.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            wheel, facts_kept = find(place)
            if wheel is None and take(kept_before, key, place):
                say(f"{name}: a wheel of an earlier build fits")
                wheel, facts_kept = find(place)
            if wheel is not None:
                say(f"{name}: {wheel.name} taken from the cache; it was " +
                    ("taken from the release page" if facts_kept.get("page") else f"compiled in {facts_kept['seconds']} s"))
            else:
                requires = build_requires(tree / subfolder(project))
                if requires:
                    pip("install", "-q", "--progress-bar", "off", *requires)
                began = time.monotonic()
                say(f"{name}: compiling for {plan['architectures']} with {env['MAX_JOBS']} jobs: torch {plan['torch']}, nvcc "
                    f"{facts['nvcc']}, g++ {facts['g++']}")
                page = build(project, tree, folder / "built", env)
                made = list((folder / "built").glob("*.whl"))
                facts.update({"seconds": round(time.monotonic() - began), **({"page": page} if page else {})})
                keep(made[0], place, facts)
                say(f"{name}: {made[0].name} " + (f"of the release page fits; nothing is compiled: {page}" if page else
                                                  f"compiled in {facts['seconds']} s"))
                wheel, facts_kept = find(place)
            shutil.copy(wheel, wheels)
            return {**facts_kept, "wheel": wheel.name, "key": key}


def project_of(requirement):
    return re.sub(r"[-_.]+", "-", re.match(r"[A-Za-z0-9._-]*", requirement.strip()).group()).lower()


def hold_to(constraints, plan, folder):
    """Let pip keep to the constraints, but for the tools of every build, which no image gets."""
    tools = {project_of(text) for text in plan["requires"]}
    lines = [line for line in pathlib.Path(constraints).read_text().splitlines() if project_of(line) not in tools]
    (folder / "constraints.txt").write_text("\n".join([*lines, ""]))
    os.environ["PIP_CONSTRAINT"] = str(folder / "constraints.txt")


def main():
    plan, cache, wheels = json.loads(pathlib.Path(sys.argv[1]).read_text()), pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
    kept = pathlib.Path(sys.argv[4]) if len(sys.argv) > 4 else None
    wheels.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        if os.environ.get("PIP_CONSTRAINT"):
            hold_to(os.environ["PIP_CONSTRAINT"], plan, pathlib.Path(folder))
        compile_all(plan, cache, wheels, kept)
    for path in (*wheels.iterdir(), wheels):  # so that the same wheels are the same bytes as an image
        os.utime(path, (0, 0))


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def compile_all(plan, cache, wheels, kept):
    pip("install", "-q", "--progress-bar", "off", *plan["requires"])
    home = cuda_home(plan["nvcc"])
    env = environment(plan, home)
    made = [compile_project(project, plan, cache, wheels, kept, home, env) for project in plan["projects"]]
    made = [{**facts, "sha256": sha256(wheels / facts["wheel"])} for facts in made if facts]
    (wheels / "compiled.json").write_text(json.dumps(made, indent=2) + "\n")


if __name__ == "__main__":
    try:
        main()
    except Failed as failure:
        sys.exit(f"slipway: {failure}")
