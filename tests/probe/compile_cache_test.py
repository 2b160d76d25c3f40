#!/usr/bin/env python3
"""The cache of compiled wheels: a wheel that was changed, and documents of any form, are not used. compile.py with a real nvcc is tested in
tests/engines/compile_test.py.

usage: compile_cache_test.py COMPILE   (TAP on standard output)
"""
import importlib.util
import json
import pathlib
import sys
import tempfile

SPECIFICATION = importlib.util.spec_from_file_location("compile_py", sys.argv[1])
COMPILE = importlib.util.module_from_spec(SPECIFICATION)
SPECIFICATION.loader.exec_module(COMPILE)
COMPILE.say = lambda text: None
FOREIGN = ["", "x", "[" * 100_000, "null", "3", '"text"', "[]", "{}", "[3, null, [], \"x\"]", '{"seconds": 1}', '{"sha256": 3, "seconds": "1"}']


def cached(folder, content=b"wheel"):
    """A cache that holds one wheel: its place."""
    wheel = folder / "demo-1.0-py3-none-any.whl"
    wheel.write_bytes(content)
    (folder / "cache").mkdir()
    COMPILE.keep(wheel, folder / "cache/key", {"seconds": 7, "nvcc": "12.8"})
    return folder / "cache/key"


def test_a_wheel_comes_back(folder):
    wheel, facts = COMPILE.find(cached(folder))
    assert wheel.read_bytes() == b"wheel" and facts["seconds"] == 7 and facts["nvcc"] == "12.8", facts


def test_a_changed_wheel_is_not_used(folder):
    place = cached(folder)
    next(place.glob("*.whl")).write_bytes(b"other")
    assert COMPILE.find(place) == (None, {})


def test_a_second_wheel_is_not_chosen(folder):
    place = cached(folder)
    (place / "a-1.0-py3-none-any.whl").write_bytes(b"other")
    assert COMPILE.find(place) == (None, {})


def test_facts_of_any_form(folder):
    place = cached(folder)
    for text in FOREIGN:
        (place / "facts.json").write_text(text)
        assert COMPILE.find(place) == (None, {}), text


def kept_by(folder, **more):
    """What an earlier build kept elsewhere."""
    kept = folder / "kept"
    kept.mkdir()
    (kept / "demo-1.0-py3-none-any.whl").write_bytes(b"wheel")
    row = {"wheel": "demo-1.0-py3-none-any.whl", "key": "key", "seconds": 7, "sha256": COMPILE.sha256(kept / "demo-1.0-py3-none-any.whl"), **more}
    (kept / "compiled.json").write_text(json.dumps([3, None, row]))
    (folder / "cache").mkdir()
    return kept


def test_a_wheel_of_an_earlier_build_is_taken(folder):
    assert COMPILE.take(kept_by(folder), "key", folder / "cache/key")
    assert COMPILE.find(folder / "cache/key")[0].read_bytes() == b"wheel"


def test_what_an_earlier_build_cannot_have_kept(folder):
    outside = folder / "outside.whl"
    outside.write_bytes(b"x")
    for number, more in enumerate([{"sha256": "0" * 64}, {"key": "other"}, {"seconds": None}, {"wheel": 3}, {"wheel": "../outside.whl"}, {"wheel": "compiled.json"}]):
        (folder / str(number)).mkdir()
        kept = kept_by(folder / str(number), **more)
        assert not COMPILE.take(kept, "key", folder / f"{number}/cache/key"), more


def test_documents_of_any_form(folder):
    kept = kept_by(folder)
    for text in FOREIGN:
        (kept / "compiled.json").write_text(text)
        assert not COMPILE.take(kept, "key", folder / "cache/key"), text


def main():
    tests = [(name[5:].replace("_", " "), test) for name, test in globals().items() if name.startswith("test_")]
    print(f"1..{len(tests)}")
    for number, (name, test) in enumerate(tests, 1):
        with tempfile.TemporaryDirectory() as folder:
            try:
                test(pathlib.Path(folder))
                print(f"ok {number} - {name}")
            except Exception as error:
                print(f"not ok {number} - {name}\n# {type(error).__name__}: {error}")


main()
