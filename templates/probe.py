#!/usr/bin/env python3
"""Proves that this image holds what its profile asked for.

usage: probe.py [--json] [--nonce TEXT] [--files] [--gpu|--no-gpu] [--stack JSON]... [STACK]

Reads stack.json beside it, or what --stack says (its parts in order), and tries all that follows from it: the assertions, the version of everything pinned, one
install of each project, every installed file, what the packages require of each other, NumPy's binary interface, and
torch's code for the GPUs. It prints one line for each that does not hold:

    slipway: assertions[0].is failed: torch.version.cuda is '12.6', wanted ==12.4

The word before "failed" is the place in the profile. --files also reads every file and compares its SHA-256; --gpu runs
kernels on the GPUs and compares their results with the CPU's, --no-gpu leaves out the remark that it was not given.
--json prints one document instead, with all that was tried and what is installed, and the nonce. Without stack.json only
what needs no plan is tried. The exit status is 0 where everything holds and 1 where something does not. Needs nothing but
the standard library, and pip or packaging for versions.

Started with -I -S it runs no code of an installed package but packaging's in the process that answers: what must import a
package is tried in a child, which can end, print or change what it likes and only answers for itself.
"""
import ast
import base64
import csv
import ctypes
import hashlib
import importlib
import importlib.metadata
import importlib.util
import json
import mmap
import operator
import os
import pathlib
import pwd
import re
import signal
import site
import sys

ABSENT = object()
UNCOMPARED = "there is neither packaging nor pip to compare versions with"


def literal(path, name):
    """The value of a top-level `name = <literal>` in a Python file, without running it."""
    try:
        tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return ABSENT
    value = ABSENT
    for node in tree.body:
        if isinstance(node, ast.Assign):
            targets = node.targets
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            targets = [node.target]
        else:
            continue
        if any(isinstance(target, ast.Name) and target.id == name for target in targets):
            try:
                value = ast.literal_eval(node.value)
            except ValueError:
                value = ABSENT
    return value


def read_statically(subject):
    """A name such as torch.version.cuda from the source of its module: importing torch takes seconds and a GPU stack."""
    *modules, name = subject.split(".")
    if len(modules) < 2:
        return ABSENT
    try:
        spec = importlib.util.find_spec(modules[0])
    except (ImportError, ValueError):
        return ABSENT
    for folder in (spec.submodule_search_locations if spec else None) or []:
        base = pathlib.Path(folder, *modules[1:])
        for path in (base.with_suffix(".py"), base / "__init__.py"):
            if path.is_file():
                return literal(path, name)
    return ABSENT


def read_by_import(subject):
    """The longest part of the name that is a module is imported, the rest are attributes."""
    parts = subject.split(".")
    for split in range(len(parts), 0, -1):
        try:
            value = importlib.import_module(".".join(parts[:split]))
        except ModuleNotFoundError as error:
            if error.name == ".".join(parts[:split]):
                continue
            raise
        for part in parts[split:]:
            value = getattr(value, part)
        return value
    raise ModuleNotFoundError(f"No module named {parts[0]!r}")


def look_up(subject):
    """`python`, a distribution's name (its installed version), or a dotted name."""
    if subject == "python":
        return ".".join(map(str, sys.version_info[:3]))
    if "." not in subject:
        return importlib.metadata.version(subject)
    value = read_statically(subject)
    return read_by_import(subject) if value is ABSENT else value


def packaging():
    """The modules of `packaging`, pip's own copy where it is not installed; None where there is neither."""
    for name in ("packaging", "pip._vendor.packaging"):
        try:
            return {part: importlib.import_module(f"{name}.{part}") for part in ("requirements", "specifiers", "version")}
        except ImportError:
            continue
    return None


class Untried(Exception):
    """An assertion that nothing here can judge."""


def holds_plainly(found, wanted):
    """Compare as `packaging` does, which is not installed. Releases and ranges have no letters, such as 3.11.2 and >=3.10,<4."""
    clauses = [re.fullmatch(r"\s*(==|!=|<=|>=|<|>)\s*(\d{1,9}(?:\.\d{1,9})*)\s*", clause) for clause in wanted.split(",")]
    if None in clauses or not re.fullmatch(r"\d{1,9}(\.\d{1,9})*", found):
        raise Untried
    rows = [[int(part) for part in text.split(".")] for text in [found, *(clause[2] for clause in clauses)]]
    width = max(map(len, rows))
    release, *bounds = [row + [0] * (width - len(row)) for row in rows]
    tests = {"==": operator.eq, "!=": operator.ne, "<=": operator.le, ">=": operator.ge, "<": operator.lt, ">": operator.gt}
    return all(tests[clause[1]](release, bound) for clause, bound in zip(clauses, bounds))


def holds(found, wanted):
    """A PEP 440 specifier where `wanted` begins with an operator, else equal text."""
    if not re.match(r"\s*(===|[<>=!~]=|[<>])", wanted):
        return str(found) == wanted
    modules = packaging()
    if modules is None:
        return holds_plainly(str(found), wanted)
    try:
        return modules["specifiers"].SpecifierSet(wanted).contains(str(found), prereleases=True)
    except modules["version"].InvalidVersion:
        return False


def try_assertion(assertion):
    """None where it holds, else what is wrong."""
    subject = assertion.get("that") or "import " + assertion["import"]
    try:
        if "import" in assertion:
            importlib.import_module(assertion["import"])
            return None
        found = look_up(subject)
    except importlib.metadata.PackageNotFoundError:
        return f"{subject} is not installed"
    except BaseException as error:  # a module may do anything when imported, also exit
        return f"{subject}: {type(error).__name__}: {error}"
    wanted = assertion["is"]
    return None if holds(found, wanted) else f"{subject} is {str(found)!r}, wanted {wanted}"


def row(check, at, what, code="SW401", fault=None, untried=None, moot=False):
    """One thing that was tried, at its place in the profile. `untried` says why it could not be; what is moot has nothing to
    be tried on here."""
    return {"check": check, "at": at, "what": what, "code": code, "fault": fault, "untried": untried, "moot": moot}


def judged(answer, assertion):
    try:
        return {**answer, "fault": try_assertion(assertion)}
    except Untried:
        return {**answer, "untried": UNCOMPARED}


def try_assertions(stack):
    """(what to tell if its child ends, function for rows) of each; those that need no import are answered here."""
    for assertion in (stack.get("assertions") or []):
        what = f"{assertion['that']} {assertion['is']}" if "that" in assertion else f"import {assertion['import']}"
        answer = row("assertion", assertion["at"], what)
        here = "that" in assertion and ("." not in assertion["that"] or read_statically(assertion["that"]) is not ABSENT)
        if here:
            yield judged(answer, assertion), None
        else:
            yield answer, lambda assertion=assertion, answer=answer: [judged(answer, assertion)]


def normalized(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def installed():
    """(name, distribution) of every install on sys.path, in its order: the first of a name is the one that counts."""
    found, seen = [], set()
    for distribution in importlib.metadata.distributions():
        name, path = distribution.metadata["Name"], str(getattr(distribution, "_path", id(distribution)))
        if name and path not in seen:
            seen.add(path)
            found.append((normalized(name), distribution))
    return found


def place_of(name, stack):
    """Where the profile speaks of a project, or the list where it could."""
    if name == "torch" and stack.get("torch"):
        return "torch.version"
    for key in ("requirements", "constraints"):
        for text in (stack.get(key) or []):
            if normalized(re.match(r"\s*([A-Za-z0-9._-]*)", text)[1]) == name:
                return f"{key}[{name}]"
    return f"requirements[{name}]"


def try_pins(stack, found):
    """What is asked for is there in the version asked for; what is constrained is, where it is there."""
    whole = not stack.get("dockerfile")  # what a user's Dockerfile installs need not be in its last stage
    wanted = [(text, whole) for text in (stack.get("requirements") or [])]
    wanted += [(text, whole) for install in (stack.get("installs") or []) for text in install["packages"]]
    wanted += [(text, False) for text in (stack.get("constraints") or [])]  # after the plan's own, of torch and its kin
    modules, versions, seen = packaging(), {}, set()
    for name, distribution in found:
        versions.setdefault(name, distribution.version)
    for text, needed in wanted:
        if text in seen:
            continue
        seen.add(text)
        if modules is None:
            yield row("pin", "requirements", text, untried=UNCOMPARED)
            continue
        requirement = modules["requirements"].Requirement(text)
        name = normalized(requirement.name)
        if requirement.marker and not requirement.marker.evaluate():
            yield row("pin", place_of(name, stack), text, moot=True)
            continue
        version, fault = versions.get(name), None
        if version is None and needed:
            fault = f"{name} is not installed"
        elif version is not None and not requirement.specifier.contains(version, prereleases=True):
            fault = f"{name} is {version!r}, wanted {requirement.specifier}"
        at = place_of(name, stack)
        yield row("pin", at if needed or not whole or at == "torch.version" else f"constraints[{name}]", text, "SW402", fault)


def try_installs(stack, found):
    """Projects that lie twice in one folder of sys.path, which pip itself does not notice."""
    together = {}
    for name, distribution in found:
        together.setdefault((name, str(distribution.locate_file(""))), []).append(distribution.version)
    faults = [(name, folder, versions) for (name, folder), versions in sorted(together.items()) if len(versions) > 1]
    for name, folder, versions in faults:
        yield row("installs", place_of(name, stack), name, "SW304",
                  f"two installs of {name}: {' and '.join(sorted(versions))} in {folder}")
    if not faults:
        yield row("installs", "requirements", f"one install of each of {len(together)} projects")


def records(found):
    """(name, distribution, lines of its RECORD); without lines if it has none, or one that Debian's build of the package left there,
    which names other paths: only dpkg writes into this folder."""
    for name, distribution in found:
        is_debian = os.path.normpath(str(distribution.locate_file(""))).endswith("/usr/lib/python3/dist-packages")
        text = None if is_debian else distribution.read_text("RECORD")
        lines = None if text is None else [line for line in csv.reader(text.splitlines()) if len(line) == 3]
        # Python writes its caches again as it likes, also where the installer recorded them.
        yield name, distribution, lines and [line for line in lines if not line[0].endswith((".pyc", ".pyo"))]


def digest_of(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            digest.update(block)
    return base64.urlsafe_b64encode(digest.digest()).rstrip(b"=").decode()


def differs(path, claims, read):
    """What is wrong with a file, or None. Where several packages brought it, it is one of theirs."""
    try:
        size = os.stat(path).st_size
    except OSError:
        return "missing"
    if not any(claim_size in ("", str(size)) for _, claim_size in claims):
        return "altered"
    hashes = {claim[0][len("sha256="):] for claim in claims if claim[0].startswith("sha256=")}
    return "altered" if read and hashes and digest_of(path) not in hashes else None


def try_files(stack, found, read):
    """Every file that RECORD names: there, of its size, and with `read` of its SHA-256."""
    claims, owners, count, without = {}, {}, 0, []
    for name, distribution, lines in records(found):
        if lines is None:
            without.append(name)
            continue
        folder = str(distribution.locate_file(""))
        for path, *claim in lines:
            full = os.path.normpath(os.path.join(folder, path))
            claims.setdefault(full, []).append(claim)
            owners.setdefault(full, (name, path))
    faults = {}
    for full, rows in claims.items():
        fault = differs(full, rows, read)
        if fault:
            name, path = owners[full]
            faults.setdefault((name, fault), []).append(path)
        count += 1
    for (name, fault), paths in sorted(faults.items()):
        more = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
        text = f"a file of {name} is missing" if fault == "missing" else f"a file of {name} is not as it was installed"
        yield row("files", place_of(name, stack), name, "SW402", f"{text}: {sorted(paths)[0]}{more}")
    if not faults and (count or not without):
        yield row("files", "requirements", f"{count} files, {'by their SHA-256' if read else 'by their sizes'}", moot=not count)
    if without:
        yield row("files", "requirements", "files without a record",
                  untried=f"{len(without)} installed projects have no RECORD of their files: {', '.join(without[:5])}")


def try_dependencies(stack, found):
    """What `pip check` tries: every requirement of what is installed is installed too."""
    modules, versions, faults = packaging(), {}, 0
    if modules is None:
        yield row("dependencies", "requirements", "requirements of the packages",
                  untried="there is neither packaging nor pip to read requirements with")
        return
    for name, distribution in found:
        versions.setdefault(name, distribution.version)
    for name, distribution in found:
        for text in distribution.requires or []:
            try:
                wanted = modules["requirements"].Requirement(text)
                if wanted.marker and not wanted.marker.evaluate({"extra": ""}):
                    continue
            except ValueError:
                continue  # an old package's own spelling, which pip passes over too
            version = versions.get(normalized(wanted.name))
            if version is not None and wanted.specifier.contains(version, prereleases=True):
                continue
            faults += 1
            here = "is not installed" if version is None else f"is {version!r}"
            yield row("dependencies", place_of(name, stack), name, "SW210",
                      f"{name} {distribution.version} requires {wanted.name}{wanted.specifier}, which {here}")
    if not faults:
        yield row("dependencies", "requirements", f"the requirements of {len(versions)} projects")


def built_for_numpy_1(path):
    """Whether an extension module was compiled with NumPy 1's headers, which NumPy 2 refuses to serve."""
    try:
        with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            return content.find(b"numpy.core._multiarray_umath") >= 0 and content.find(b"numpy._core") < 0
    except (OSError, ValueError):
        return False


def try_numpy(stack, found):
    versions = {name: distribution.version for name, distribution in reversed(found)}
    numpy = versions.get("numpy")
    if numpy is None or int(numpy.split(".")[0]) < 2:
        yield row("numpy", place_of("numpy", stack), "every extension module takes NumPy", moot=True)
        return
    faults = 0
    for name, distribution, lines in records(found):
        modules = [path for path, *_ in lines or [] if path.endswith(".so") and re.search(r"\.(cpython-|abi3)", path)]
        old = name != "numpy" and [path for path in modules if built_for_numpy_1(distribution.locate_file(path))]
        if old:
            faults += 1
            yield row("numpy", place_of(name, stack), name, "SW214",
                      f"{name} {versions[name]} is built for NumPy 1, and NumPy {numpy} is installed: {old[0]}")
    if not faults:
        yield row("numpy", place_of("numpy", stack), f"every extension module takes NumPy {numpy}")


JOURNAL = "/opt/slipway/trim.json"


def trimmed_for(stack):
    """The compute capabilities that the image was trimmed for, or None."""
    return (stack.get("trim") or {}).get("for")


def check_trimmed(entry, claims, read):
    """What is wrong with a file that trim.json names, or None: the file and its line in RECORD are as they were left."""
    path, after = entry["file"], entry.get("after")
    if after is None:
        return "is there, although it was removed" if os.path.lexists(path) else None
    if differs(path, [("sha256=" + after["sha256"], str(after["size"]))], read):
        return "is not as it was trimmed"
    recorded = claims.get(os.path.normpath(path)) or []
    return None if ("sha256=" + after["sha256"], str(after["size"])) in recorded else "has another digest in RECORD"


def recorded_claims(found):
    claims = {}
    for _, distribution, lines in records(found):
        folder = str(distribution.locate_file(""))
        for path, *claim in lines or []:
            claims.setdefault(os.path.normpath(os.path.join(folder, path)), []).append(tuple(claim))
    return claims


def try_trim(stack, found, read):
    """What was trimmed is as the trimmer left it, its digest of before is known, and it was trimmed for the GPUs of the plan."""
    wanted = trimmed_for(stack)
    if wanted is None:
        return
    try:
        journal = json.loads(pathlib.Path(JOURNAL).read_text(encoding="utf-8"))
        entries = [entry for entry in journal["files"] if "left" not in entry]
        targets, claims, faults = sorted(journal["for"]), recorded_claims(found), []
        for entry in entries:
            fault = check_trimmed(entry, claims, read)
            if fault is None and not entry["before"]["sha256"] and entry.get("after"):
                fault = "has no digest of before"
            faults += [f"{entry['file']} {fault}"] if fault else []
    except FileNotFoundError:
        targets, entries, faults = sorted(wanted), [], []
        if stack.get("installs"):
            faults = [f"there is no {JOURNAL}"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        yield row("trim", "trim", "what was trimmed", "SW402", f"{JOURNAL} cannot be read: {type(error).__name__}: {error}")
        return
    if targets != sorted(wanted):
        faults.append(f"the image was trimmed for {' '.join(targets)}, wanted {' '.join(sorted(wanted))}")
    before = sum(entry["before"]["size"] for entry in entries if not entry.get("after"))
    code = [sum(entry["code"][key] for entry in entries if "code" in entry) for key in ("before", "after")]
    what = (f"{sum('code' in entry for entry in entries)} libraries trimmed to the code for {' '.join(targets)}: {code[0] >> 20} to "
            f"{code[1] >> 20} MiB; {sum(not entry.get('after') for entry in entries)} files removed, {before >> 20} MiB")
    more = f" and {len(faults) - 1} more" if len(faults) > 1 else ""
    yield row("trim", "trim", what, "SW402", faults[0] + more if faults else None)


def serves(architecture, capability):
    """Whether code for `architecture` (sm_90, sm_90a, compute_120) runs on a GPU of that capability ((9, 0)).

    Machine code runs on its own major and the same or a higher minor, that of an "a" target nowhere else; PTX on
    everything newer (NVIDIA's compatibility guides)."""
    match = re.fullmatch(r"(sm|compute)_(\d+)(\d)([af]?)", architecture)
    if not match:
        return False
    kind, own, suffix = match[1], (int(match[2]), int(match[3])), match[4]
    if suffix == "a":
        return own == capability
    same_major = own[0] == capability[0] and own[1] <= capability[1]
    return same_major if kind == "sm" or suffix == "f" else own <= capability


def import_torch():
    """(torch, None), or (None, what is wrong)."""
    try:
        return importlib.import_module("torch"), None
    except BaseException as error:
        return None, f"import torch: {type(error).__name__}: {error}"


def wants_torch(stack, found):
    return stack.get("torch") if stack else "torch" in dict(found)


def try_torch(stack, found):
    """torch imports, has code for every GPU that the profile names, and works with the NumPy that is there."""
    torch, fault = import_torch()
    yield row("torch", "torch.version", "import torch", fault=fault)
    if torch is None:
        for number, gpu in enumerate(stack.get("accelerators") or []):
            yield row("architecture", f"accelerators[{number}]", f"torch's code for {gpu['name']}", moot=True)
        return
    has = getattr(torch._C, "_cuda_getArchFlags", lambda: "")() or ""
    for number, gpu in enumerate(stack.get("accelerators") or []):
        capability = tuple(map(int, gpu["compute_capability"].split(".")))
        fault = None
        if trimmed_for(stack) is not None and gpu["compute_capability"] not in trimmed_for(stack):
            fault = (f"the code for {gpu['name']} (compute capability {gpu['compute_capability']}) was trimmed away: the image is for "
                     f"{' '.join(trimmed_for(stack))}")
        elif not any(serves(architecture, capability) for architecture in has.split()):
            fault = (f"torch {torch.__version__} has no code for {gpu['name']} (compute capability "
                     f"{gpu['compute_capability']}): it has {has or 'none for any GPU'}")
        yield row("architecture", f"accelerators[{number}]", f"torch's code for {gpu['name']}", "SW201", fault)
    if "numpy" in dict(found):
        try:
            fault = None if torch.from_numpy(importlib.import_module("numpy").ones(2)).sum() == 2 else "a wrong sum"
        except Exception as error:
            fault = f"torch {torch.__version__} cannot use the NumPy that is installed: {error}"
        yield row("numpy", place_of("numpy", stack), "torch takes NumPy's arrays", "SW214", fault)


# What a result may differ from the exact one by, as the norm of the difference over the norm of the result: some units in
# the last place of the type, which sums of a few hundred products gather.
TOLERANCE = {"float32": 1e-5, "float16": 2e-3, "bfloat16": 2e-2, "nf4": 1e-2}


def distance(torch, found, exact):
    found, exact = found.detach().cpu().double(), exact.detach().cpu().double()
    return float(torch.linalg.norm(found - exact) / torch.linalg.norm(exact))


def compare(torch, found, exact, kind):
    """None, or how far a result is from the exact one, where that is too far; not a number is too far too."""
    off = distance(torch, found, exact)
    return None if off <= TOLERANCE[kind] else f"it is off by {off:.2g}, more than {TOLERANCE[kind]:g}, from the CPU's"


def random(torch, *shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(7), dtype=torch.float64)


def product(torch, device, kind):
    """A matrix product of that type on the device, against the CPU's of the same numbers in double precision."""
    dtype = getattr(torch, kind)
    a, b = (random(torch, rows, columns).to(dtype) for rows, columns in ((256, 512), (512, 384)))
    before = torch.backends.cuda.matmul.allow_tf32
    torch.backends.cuda.matmul.allow_tf32 = False
    try:
        found = a.to(device) @ b.to(device)
    finally:
        torch.backends.cuda.matmul.allow_tf32 = before
    return compare(torch, found, a.double() @ b.double(), kind)


# The 16 values of NF4 (QLoRA, https://arxiv.org/abs/2305.14314, appendix E).
NF4 = (-1.0, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635, -0.18477343022823334,
       -0.09105003625154495, 0.0, 0.07958029955625534, 0.16093020141124725, 0.24611230194568634, 0.33791524171829224,
       0.44070982933044434, 0.5626170039176941, 0.7229568362236023, 1.0)


def nf4(torch, weights, block=64):
    """Weights as 4 bits would keep them: each block by its largest value, then the nearest of the 16."""
    rows = weights.double().reshape(-1, block)
    largest = rows.abs().amax(dim=1, keepdim=True)
    codes = torch.tensor(NF4, dtype=torch.float64)
    return (codes[(rows / largest).unsqueeze(-1).sub(codes).abs().argmin(-1)] * largest).reshape(weights.shape)


def four_bits(torch, device, bitsandbytes, rows):
    """bitsandbytes' NF4 on the device: packed, unpacked, and multiplied by, against the CPU's own arithmetic."""
    weights, inputs = random(torch, 384, 512).half(), random(torch, rows, 512).half()
    exact = nf4(torch, weights)
    packed, state = bitsandbytes.functional.quantize_4bit(weights.to(device), blocksize=64, quant_type="nf4")
    fault = compare(torch, bitsandbytes.functional.dequantize_4bit(packed, state), exact, "nf4")
    if fault:
        return f"unpacked, {fault}"
    return compare(torch, bitsandbytes.matmul_4bit(inputs.to(device), packed.t(), quant_state=state),
                   inputs.double() @ exact.t(), "nf4")


def attempt(check, at, what, function, *arguments):
    """A row for what a function says; an error of it is a fault too, of its own code where the GPU's code is missing."""
    try:
        fault, code = function(*arguments), "SW401"
    except Exception as error:
        fault = f"{type(error).__name__}: {str(error).strip().splitlines()[0] if str(error).strip() else ''}"
        code = "SW308" if "no kernel image" in fault else "SW401"
    return row(check, at, what, code, fault and f"{what}: {fault}")


def describe(torch, number):
    properties = torch.cuda.get_device_properties(number)
    return {"name": properties.name, "compute_capability": f"{properties.major}.{properties.minor}",
            "memory": properties.total_memory}


def first_sight(torch):
    """The driver and a GPU are there; no kernel runs, since the image may have none for this GPU."""
    torch.empty(1, device="cuda")


def first_tensor(torch, device):
    torch.ones(1, device=device).sum().item()


def driver_version():
    """Release and newest CUDA of the driver, each None where it does not say."""
    cuda = ctypes.c_int()
    try:
        failed = ctypes.CDLL("libcuda.so.1").cuDriverGetVersion(ctypes.byref(cuda))
    except (OSError, AttributeError):
        failed = True
    try:
        text = pathlib.Path("/proc/driver/nvidia/version").read_text()
    except OSError:
        text = ""
    release = re.search(r"\s(\d{3}\.\d+(?:\.\d+)?)\s", text)
    return {"release": release and release[1], "cuda": None if failed else f"{cuda.value // 1000}.{cuda.value % 1000 // 10}"}


def try_gpus(stack, found):
    """Kernels on every GPU that torch sees; a row without "check" says what they are."""
    gpus, names = [], dict(found)
    if "torch" not in names:
        yield row("gpu", "accelerators", "kernels", untried="there is no torch to run kernels with")
        return
    torch, fault = import_torch()
    if torch is None:  # told already
        yield row("gpu", "accelerators", "kernels", moot=True)
        return
    seen = attempt("gpu", "accelerators", "a GPU that torch sees", first_sight, torch)
    yield seen
    for number in range(0 if seen["fault"] else torch.cuda.device_count()):
        gpus.append(describe(torch, number))
        device, what = f"cuda:{number}", f"on GPU {number} ({gpus[-1]['name']})"
        if trimmed_for(stack) is not None and gpus[-1]["compute_capability"] not in trimmed_for(stack):
            yield row("gpu", "trim", f"the image's code {what}", "SW308",
                      f"GPU {number} ({gpus[-1]['name']}) has compute capability {gpus[-1]['compute_capability']}, and its code was "
                      f"trimmed away: the image is for {' '.join(trimmed_for(stack))}")
            continue
        first = attempt("gpu", "accelerators", f"a tensor {what}", first_tensor, torch, device)
        yield first
        if first["fault"]:  # so would the rest
            continue
        for kind in ("float32", "float16", "bfloat16"):
            if kind == "bfloat16" and int(gpus[-1]["compute_capability"].split(".")[0]) < 8:
                continue  # not in the GPU
            yield attempt("gpu", "torch.version", f"a {kind} matrix product {what}", product, torch, device, kind)
        if "bitsandbytes" not in names:
            continue
        try:
            bitsandbytes = importlib.import_module("bitsandbytes")
        except BaseException as error:
            yield row("gpu", place_of("bitsandbytes", stack), f"4-bit kernels {what}",
                      fault=f"import bitsandbytes: {type(error).__name__}: {error}")
            continue
        for rows in (1, 8):  # each has a kernel of its own
            yield attempt("gpu", place_of("bitsandbytes", stack), f"a 4-bit product of {rows} rows {what}", four_bits, torch,
                          device, bitsandbytes, rows)
    yield {"gpus": gpus, "driver": driver_version() if gpus else None}


def freeze(found):
    """What is installed: name, version, and where from where that is recorded (PEP 610)."""
    listed = []
    for name, distribution in sorted(found, key=lambda item: (item[0], item[1].version)):
        try:
            origin = json.loads(distribution.read_text("direct_url.json") or "null")
        except ValueError:
            origin = None
        listed.append({"name": name, "version": distribution.version, "from": origin})
    return listed


# ---- where packages lie, and the children that run their code ----

PATH = [folder for folder in sys.path if folder not in ("", os.path.dirname(os.path.abspath(sys.argv[0])))]
GIVEN = [folder for folder in os.environ.get("PYTHONPATH", "").split(os.pathsep) if folder]


def virtual_environment():
    """(its folder, whether it also sees the packages of the Python that it is of), or (None, True)."""
    home = pathlib.Path(sys.executable or "python").parent
    for config in (home.parent / "pyvenv.cfg", home / "pyvenv.cfg"):
        if config.is_file():
            settings = dict(re.findall(r"^\s*([\w-]+)\s*=\s*(.*?)\s*$", config.read_text(errors="replace"), re.M))
            return config.parent, settings.get("include-system-site-packages", "").lower() == "true"
    return None, True


def user_site():
    """Where `pip install --user` puts packages; HOME may be another folder here."""
    try:
        home = pwd.getpwuid(os.getuid()).pw_dir
    except KeyError:
        return []
    return [os.path.join(home, ".local", "lib", "python%d.%d" % sys.version_info[:2], "site-packages")]


def site_folders():
    """The folders that site.main() would add, without running the code that lies there."""
    folder, shared = virtual_environment()
    library = os.path.join("python%d.%d" % sys.version_info[:2], "site-packages")
    bases = {"lib", getattr(sys, "platlibdir", "lib")}
    folders = [os.path.join(folder, base, library) for base in sorted(bases)] if folder else []
    if shared:
        folders += [*user_site(), *site.getsitepackages()]
    folders = list(dict.fromkeys(path for path in folders if os.path.isdir(path)))
    for path in list(folders):
        for file in sorted(pathlib.Path(path).glob("*.pth")):
            for line in file.read_text(errors="replace").splitlines():
                more = os.path.join(path, line.strip())
                if line.strip() and not line.startswith(("#", "import ", "import\t")) and os.path.isdir(more):
                    folders.append(more)
    return list(dict.fromkeys(folders))


def see_packages(running):
    """Make the packages importable: `running` as the service finds them, with all that site runs; else only to be read."""
    if not sys.flags.no_site:
        return
    if running:
        sys.path[:] = GIVEN + PATH
        site.main()
        sys.path += [] if virtual_environment()[0] else [path for path in user_site() if os.path.isdir(path)]
    else:
        sys.path[:] = list(dict.fromkeys(PATH + GIVEN + site_folders()))


def let_be_looked_into(allowed):
    """Whether another process of the same user may look into this one: prctl(PR_SET_DUMPABLE)."""
    try:
        ctypes.CDLL(None).prctl(4, int(allowed), 0, 0, 0)
    except (OSError, AttributeError):
        pass


def run_child(write, closed, functions):
    """One line of JSON for each function; ends this process."""
    try:
        for descriptor in closed:
            os.close(descriptor)
        let_be_looked_into(True)
        see_packages(True)
        for function in functions:
            line = json.dumps(list(function())).encode() + b"\n"
            while line:
                line = line[os.write(write, line):]
    finally:
        os._exit(0)


def ended(status):
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        return f"ended the process by signal {number} ({signal.strsignal(number) if hasattr(signal, 'strsignal') else ''})"
    return "ended the process"


def apart(tasks, closed):
    """The rows of tasks, [(what to tell if its child ends, function for rows)], found in children: whoever ends one has failed,
    and the rest are tried in the next."""
    results = []
    while len(results) < len(tasks):
        read, write = os.pipe()
        sys.stdout.flush()
        child = os.fork()
        if child == 0:
            os.close(read)
            run_child(write, closed, [function for _, function in tasks[len(results):]])
        os.close(write)
        with open(read, "rb") as answers:
            lines = answers.read().split(b"\n")[:-1]
        _, status = os.waitpid(child, 0)
        for line in lines[:len(tasks) - len(results)]:
            results.append(json.loads(line))
        if len(results) < len(tasks):
            told = tasks[len(results)][0]
            results.append([{**told, "fault": f"{told['what']}: what it imports {ended(status)}"}])
    return results


def try_all(stack, arguments, closed):
    """(rows, what is installed, what the GPUs are)."""
    see_packages(False)
    found = installed()
    tasks, results = [], []  # of the latter, numbers of the former or rows
    for told, function in try_assertions(stack):
        results.append(len(tasks) if function else [told])
        if function:
            tasks.append((told, function))
    results.append([*try_pins(stack, found), *try_installs(stack, found), *try_files(stack, found, "--files" in arguments),
                    *try_dependencies(stack, found), *try_numpy(stack, found), *try_trim(stack, found, "--files" in arguments)])
    if wants_torch(stack, found):
        results.append(len(tasks))
        tasks.append((row("torch", "torch.version", "import torch"), lambda: try_torch(stack, found)))
    if "--gpu" in arguments:
        results.append(len(tasks))
        tasks.append((row("gpu", "accelerators", "kernels on a GPU"), lambda: try_gpus(stack, found)))
    elif stack.get("torch") and "--no-gpu" not in arguments:
        results.append([row("gpu", "accelerators", "kernels on a GPU",
                            untried="kernels, since no GPU was given: slipway verify --gpus all")])
    answers = apart(tasks, closed)
    rows = [one for result in results for one in (answers[result] if isinstance(result, int) else result)]
    hosts = [one for one in rows if "check" not in one] or [{"gpus": [], "driver": None}]
    return [one for one in rows if "check" in one], freeze(found), hosts[0]


def read_arguments(arguments):
    """(flags, {"--nonce": …, "--stack": …, None: path})."""
    values, flags, rest = {}, set(), list(arguments)
    while rest:
        word = rest.pop(0)
        if word in ("--nonce", "--stack"):
            values[word] = values.get(word, "") + rest.pop(0)
        elif word.startswith("-"):
            flags.add(word)
        else:
            values[None] = word
    return flags, values


def read_stack(values):
    if "--stack" in values:
        return json.loads(os.fsencode(values["--stack"]).decode("utf-8"))
    beside = pathlib.Path(__file__).with_name("stack.json") if "__file__" in globals() else None
    path = pathlib.Path(values[None]) if None in values else beside
    return json.loads(path.read_text(encoding="utf-8")) if path else {}


def main(arguments):
    sys.dont_write_bytecode = True  # proving changes nothing
    flags, values = read_arguments(arguments)
    let_be_looked_into(False)
    answer = os.dup(1) if "--json" in flags else None
    if answer is not None:
        os.dup2(2, 1)  # whatever an import prints is no answer
    results, frozen, hosts = try_all(read_stack(values), flags, [answer] if answer is not None else [])
    faults = [result for result in results if result["fault"]]
    if answer is not None:
        with open(answer, "w", encoding="utf-8") as out:
            json.dump({"nonce": values.get("--nonce"), "python": ".".join(map(str, sys.version_info[:3])),
                       "results": results, "freeze": frozen, **hosts}, out)
    else:
        for result in faults:
            print(f"slipway: {result['at']} failed: {' '.join(result['fault'].split())}")
        if not faults:
            print(f"slipway: {sum(not result['untried'] and not result['moot'] for result in results)} checks hold")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
