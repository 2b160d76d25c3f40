"""usage: same.py FOLDER A.json B.json     Errors and warnings of a Dockerfile as it stands, and as `dockerfile:` of a profile; and its profile."""
import json
import pathlib
import sys


def found(path):
    findings = json.loads(pathlib.Path(path).read_text())["findings"]
    return sorted((f["code"], f["line"], f["message"]) for f in findings
                  if f["severity"] != "note" and f["file"].endswith("Dockerfile"))


one, other = found(sys.argv[2]), found(sys.argv[3])
profile = pathlib.Path(sys.argv[1], "slipway/p.yaml").read_text()
print(sys.argv[1], "same" if one == other else f"{one} {other}", "as it is" if "\ndockerfile:" in profile else "in slipway's words",
      " ".join(f"{code}:{line}" for code, line, _ in one))
