#!/usr/bin/env python3
"""Proves that this image holds what its profile asked for.

usage: probe.py [--json] [STACK]

Reads stack.json beside it, tries every assertion in it and prints one line for each that does not hold:

    slipway: assertions[0].is failed: torch.version.cuda is '12.6', wanted ==12.4

The word before "failed" is the place in the profile. --json prints one document instead. The exit status is 0 where
everything holds and 1 where something does not. Needs no GPU and nothing but the standard library and pip.
"""
import ast
import importlib
import importlib.metadata
import importlib.util
import json
import pathlib
import re
import sys

ABSENT = object()


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


def holds(found, wanted):
    """A PEP 440 specifier where `wanted` begins with an operator, else equal text."""
    if not re.match(r"\s*(===|[<>=!~]=|[<>])", wanted):
        return str(found) == wanted
    try:
        from packaging.specifiers import SpecifierSet
        from packaging.version import InvalidVersion
    except ImportError:
        from pip._vendor.packaging.specifiers import SpecifierSet
        from pip._vendor.packaging.version import InvalidVersion
    try:
        return SpecifierSet(wanted).contains(str(found), prereleases=True)
    except InvalidVersion:
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


def doubles():
    """Projects that lie twice in one folder of sys.path, which pip itself does not notice."""
    seen = {}
    for distribution in importlib.metadata.distributions():
        name = distribution.metadata["Name"]
        if name:
            key = (re.sub(r"[-_.]+", "-", name).lower(), str(distribution.locate_file("")))
            seen.setdefault(key, set()).add(distribution.version)
    return [
        (name, f"two installs of {name}: {' and '.join(sorted(versions))} in {folder}")
        for (name, folder), versions in sorted(seen.items())
        if len(versions) > 1
    ]


def main(arguments):
    as_json = "--json" in arguments
    paths = [argument for argument in arguments if not argument.startswith("-")]
    stack = pathlib.Path(paths[0]) if paths else pathlib.Path(__file__).with_name("stack.json")
    assertions = json.loads(stack.read_text(encoding="utf-8"))["assertions"]
    results = [dict(assertion, fault=try_assertion(assertion)) for assertion in assertions]
    results += [{"at": f"requirements[{name}]", "fault": fault} for name, fault in doubles()]
    faults = [result for result in results if result["fault"]]
    if as_json:
        print(json.dumps({"results": results}))
    else:
        for result in faults:
            print(f"slipway: {result['at']} failed: {' '.join(result['fault'].split())}")
        if not faults:
            print(f"slipway: {len(results)} assertions hold")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
