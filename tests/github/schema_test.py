#!/usr/bin/env python3
"""What others read of slipway, against what others say it must be: the actions and workflows against GitHub's JSON Schemas,
SARIF against the object model that is generated from its published schema.

usage: schema_test.py SLIPWAY   (TAP on standard output; SLIPWAY_SOURCE is the checkout; wants python3-yaml,
                                 python3-jsonschema, python3-sarif-python-om, pip and its index)
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import zipfile

import attr
import jsonschema
import sarif_om
import yaml

SLIPWAY = pathlib.Path(sys.argv[1]).resolve()
SOURCE = pathlib.Path(os.environ["SLIPWAY_SOURCE"])
# It carries the schemas of schemastore.org.
SCHEMAS = "check-jsonschema==0.39.0"
SANITIZERS = ("ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS")
# The class of the object model that the value of a property is, or each item of it.
CLASSES = {"runs": sarif_om.Run, "tool": sarif_om.Tool, "driver": sarif_om.ToolComponent, "results": sarif_om.Result,
           "rules": sarif_om.ReportingDescriptor, "shortDescription": sarif_om.MultiformatMessageString,
           "message": sarif_om.Message, "locations": sarif_om.Location, "physicalLocation": sarif_om.PhysicalLocation,
           "artifactLocation": sarif_om.ArtifactLocation, "region": sarif_om.Region}
LOG = "#9 ERROR: process did not complete: exit code: 1\nModuleNotFoundError: No module named 'triton.ops'\n"
BAD = """\
slipway: 1
name: bad
accelerators: [rtx-5090]
torch: {version: "2.5.1", cuda: "12.9"}
"""


class Skip(Exception):
    pass


def github_schema(name):
    """GitHub's schema by that name, out of a wheel that is fetched once."""
    folder = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "slipway-tests/schemas"
    wheels = list(folder.glob("*.whl"))
    if not wheels:
        done = subprocess.run([sys.executable, "-m", "pip", "-q", "download", "--no-deps", "-d", folder, SCHEMAS], text=True,
                              capture_output=True, timeout=200)
        wheels = list(folder.glob("*.whl"))
        if done.returncode != 0:
            raise Skip(f"pip cannot download {SCHEMAS} here")
    with zipfile.ZipFile(wheels[0]) as wheel:
        return json.loads(wheel.read(f"check_jsonschema/builtin_schemas/vendor/github-{name}.json"))


def fits(schema, document):
    faults = [f"{fault.json_path}: {fault.message[:300]}"
              for fault in jsonschema.validators.validator_for(schema)(schema).iter_errors(document)]
    assert not faults, faults


def read_workflow(path):
    """YAML 1.1 reads the key `on` as true."""
    document = yaml.safe_load(path.read_text())
    document["on"] = document.pop(True)
    return document


def test_the_actions_are_such(_):
    schema = github_schema("actions")
    actions = sorted((SOURCE / ".github/actions").glob("*/action.yml"))
    assert len(actions) >= 2, actions
    for path in actions:
        fits(schema, yaml.safe_load(path.read_text()))


def test_the_workflows_are_such(_):
    schema = github_schema("workflows")
    workflows = sorted((SOURCE / ".github/workflows").glob("*.yml"))
    assert len(workflows) >= 2, workflows
    for path in workflows:
        fits(schema, read_workflow(path))


def test_the_workflow_that_the_documents_show_is_such(_):
    blocks = (SOURCE / "docs/actions.md").read_text().split("```yaml\n")[1:]
    (shown,) = (yaml.safe_load(block.split("```")[0]) for block in blocks if block.startswith("jobs:"))
    fits(github_schema("workflows"), {"on": "push", **shown})


def modelled(value, kind, path):
    """Every property is one of the model's, and none that it wants is absent."""
    known = {row.metadata["schema_property_name"]: row for row in kind.__attrs_attrs__}
    assert isinstance(value, dict) and set(value) <= set(known), (path, value)
    for name, row in known.items():
        assert name in value or row.default is not attr.NOTHING, f"{path}.{name} is absent"
    for name, inner in value.items():
        items = inner if isinstance(inner, list) else [inner]
        for item in items:
            if isinstance(item, dict):
                modelled(item, CLASSES[name], f"{path}.{name}")


def sarif(folder, *words):
    kept = {name: os.environ[name] for name in SANITIZERS if name in os.environ}
    done = subprocess.run([SLIPWAY, "--format", "sarif", "--offline", *words], cwd=folder, text=True, capture_output=True,
                          timeout=100, env={"PATH": os.defpath, "HOME": str(folder), "LC_ALL": "C.UTF-8", **kept})
    log = json.loads(done.stdout)
    modelled(log, sarif_om.SarifLog, "log")
    return log["runs"][0]["results"]


def test_sarif_is_such(folder):
    (folder / "bad.yaml").write_text(BAD)
    (folder / "worse.yaml").write_text("slipway: 1\nnmae: x\n")
    (folder / "build.log").write_text(LOG)
    assert sarif(folder, "check", "bad")
    assert len(sarif(folder, "check", "worse")) >= 2
    assert sarif(folder, "check", "absent")
    assert sarif(folder, "explain", "build.log")
    (folder / "worse.yaml").unlink()
    (folder / "bad.yaml").write_text(BAD.replace("rtx-5090", "rtx-4090").replace("12.9", "12.4"))
    assert all(result["level"] == "note" for result in sarif(folder, "check"))


def main():
    tests = [(name[5:].replace("_", " "), test) for name, test in globals().items() if name.startswith("test_")]
    print(f"1..{len(tests)}")
    for number, (name, test) in enumerate(tests, 1):
        try:
            with tempfile.TemporaryDirectory(prefix="schema-") as folder:
                test(pathlib.Path(folder))
            print(f"ok {number} - {name}")
        except Skip as skip:
            print(f"ok {number} - {name} # SKIP {skip}")
        except (AssertionError, KeyError, ValueError, subprocess.TimeoutExpired) as error:
            print(f"not ok {number} - {name}")
            print("# " + f"{type(error).__name__}: {error}".replace("\n", "\n# "))


main()
