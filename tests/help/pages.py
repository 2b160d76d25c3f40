#!/usr/bin/env python3
"""The pages of docs/ that slipway writes itself: the keys of a profile, from `slipway schema`, and the findings, from `slipway help CODE`.

usage: pages.py SLIPWAY     writes docs/keys.md and docs/findings.md; tests/help/help_test.py fails if they differ from what slipway says
"""
import json
import pathlib
import re
import subprocess
import sys

import yaml

SOURCE = pathlib.Path(__file__).resolve().parents[2]
# YAML takes such a text for itself without quotes.
PLAIN = re.compile(r"[A-Za-z_/.][\w./@{}*+ =<>~-]*(?<! )\Z")
TAKEN = ("true", "false", "yes", "no", "on", "off", "null")


def said(slipway, *words):
    return subprocess.run([pathlib.Path(slipway).resolve(), *words], text=True, capture_output=True, check=True, timeout=60, cwd="/").stdout


def example_of(schema):
    if not schema.get("examples"):
        return ""
    text = yaml_of(schema["examples"][0])
    assert yaml.safe_load(text) == schema["examples"][0], text
    return f"`{cell(text)}`"


def yaml_of(value):
    """A value as it is written in one line of YAML."""
    if isinstance(value, list):
        return "[" + ", ".join(map(yaml_of, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{yaml_of(key)}: {yaml_of(item)}" for key, item in value.items()) + "}"
    if isinstance(value, str) and PLAIN.match(value) and value.lower() not in TAKEN and "{" not in value:
        return value
    return json.dumps(value, ensure_ascii=False)


def cell(text):
    return text.replace("|", "\\|").replace("\n", " ")


def type_of(schema):
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(map(type_of, schema["anyOf"])))
    if "enum" in schema:
        return " or ".join(f"`{value}`" for value in schema["enum"])
    kind = schema.get("type", "any value")
    if kind == "array":
        limit = f", at most {schema['maxItems']}" if "maxItems" in schema else ""
        return f"list of {type_of(schema.get('items', {}))}{limit}"
    if kind == "integer" and "minimum" in schema:
        least, most = schema["minimum"], schema["maximum"]
        return f"number {least}" if least == most else f"number from {least} to {most}"
    return {"object": "map", "string": "text", "boolean": "true or false", "integer": "number"}.get(kind, kind)


def inner(schema):
    """The maps in a value that have keys of their own: the value itself, its items, its other forms."""
    forms = [schema, *schema.get("anyOf", [])]
    forms += [form["items"] for form in forms if isinstance(form.get("items"), dict)]
    forms += [other for form in forms[1:] for other in form.get("anyOf", [])]
    return [form for form in forms if "properties" in form]


def rows_of(schema, before=""):
    for name, value in schema["properties"].items():
        needed = ", needed" if name in schema.get("required", []) else ""
        yield f"| `{before}{name}` | {cell(value.get('description', ''))} | {cell(type_of(value))}{needed} | {example_of(value)} |"
        listed = "[]" if value.get("type") == "array" else ""
        seen = set()
        for form in inner(value):
            for row in rows_of(form, f"{before}{name}{listed}."):
                key = row.split("|")[1]
                if key not in seen:
                    seen.add(key)
                    yield row


def keys_page(slipway):
    schema = json.loads(said(slipway, "schema"))
    return ("# The keys of a profile\n\n[README](../README.md) | [profiles](profile.md)\n\n"
            "`tests/help/pages.py` writes this page from `slipway schema`, which editors read as well. `slipway help KEY` says the same of a key.\n\n"
            "| key | is | value | example |\n|---|---|---|---|\n" + "\n".join(rows_of(schema)) + "\n")


def codes():
    return sorted(set(re.findall(r'\{"(SW\d{3})"', (SOURCE / "lib/base/finding.c").read_text())))


def section(text):
    """A help page as Markdown: its headings bold, what is set in deeper as it stands."""
    lines = []
    for line in text.splitlines():
        if re.match(r"\S", line) and lines and len(line) < 40 and not line.endswith("."):
            lines.append(f"**{line}**\n")
        elif line.startswith("   "):
            lines.append("  " + line)
        else:
            lines.append(line.strip().replace("<", "&lt;").replace("*", "\\*").replace("_", "\\_"))
    return "\n".join(lines).strip()


def findings_page(slipway):
    table, sections = [], []
    for code in codes():
        head, _, page = said(slipway, "help", code).partition("\n")
        name, _, summary = head.removeprefix(code + " ").partition(": ")
        title = f"{code} {name}"
        table.append(f"| [{code}](#{title.lower().replace(' ', '-')}) | {name} | {cell(summary)} |")
        sections.append(f"## {title}\n\n" + (section(page) or f"{summary[0].upper()}{summary[1:]}."))
    return ("# Findings\n\n[README](../README.md)\n\n"
            "`tests/help/pages.py` writes this page from what `slipway help CODE` says. A code never changes its meaning.\n\n"
            "| code | name | says |\n|---|---|---|\n" + "\n".join(table) + "\n\n" + "\n\n".join(sections) + "\n")


PAGES = {"docs/keys.md": keys_page, "docs/findings.md": findings_page}

if __name__ == "__main__":
    for path, page in PAGES.items():
        (SOURCE / path).write_text(page(sys.argv[1]))
