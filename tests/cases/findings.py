#!/usr/bin/env python3
"""What `check --format json` found, a line each: CODE severity line:column message; then its hint and fixes.

usage: findings.py SLIPWAY ARGUMENT...    exits as slipway does, or 9 where a finding of a check has no evidence but should

Evidence quotes the catalog, whose words change; that it is there is what counts here. That the package index was not
asked (SW403) is left out: the catalog alone speaks.
"""
import json
import subprocess
import sys

# What stands in the profile itself is its own evidence.
BARE = {"SW210", "SW212", "SW215", "SW216"}

slipway, *arguments = sys.argv[1:]
done = subprocess.run([slipway, *arguments, "--format", "json"], stdout=subprocess.PIPE)
status = done.returncode
for finding in json.loads(done.stdout)["findings"]:
    if finding["code"] == "SW403":
        continue
    print(f"{finding['code']} {finding['severity']} {finding['line']}:{finding['column']} {finding['message']}")
    if finding["hint"]:
        print(f"  hint: {finding['hint']}")
    for edit in finding["fix"]:
        print(f"  fix: {edit['op']} {edit['path']} {edit.get('value', '')}".rstrip())
    if finding["severity"] == "error" and finding["code"] not in BARE and not finding["evidence"]:
        print("  no evidence")
        status = 9
    if any(not row["source"] for row in finding["evidence"]) and finding["code"] not in BARE:
        print("  evidence without a source")
        status = 9
sys.exit(status)
