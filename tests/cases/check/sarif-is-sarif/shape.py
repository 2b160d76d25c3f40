import json
import sys

log = json.load(open(sys.argv[1]))
assert log["version"] == "2.1.0" and log["$schema"].endswith("sarif-2.1.0.json")
[run] = log["runs"]
rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
assert len(rules) == len(set(rules))
for result in run["results"]:
    assert result["ruleId"] in rules and result["level"] in ("none", "note", "warning", "error")
    assert result["message"]["text"]
    [location] = result["locations"]
    place = location["physicalLocation"]
    print(place["artifactLocation"]["uri"], place["region"]["startLine"], place["region"]["startColumn"])
