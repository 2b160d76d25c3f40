"""GITHUB_OUTPUT as a runner of GitHub Actions reads it (GitHub Docs, "Workflow commands for GitHub Actions")."""
import re


def read(text):
    """NAME=VALUE, or NAME<<WORD up to a line of that word, as a dictionary."""
    outputs, lines = {}, iter(text.splitlines())
    for line in lines:
        if match := re.fullmatch(r"([\w-]+)<<(.+)", line):
            value = []
            for inner in lines:
                if inner == match[2]:
                    break
                value.append(inner)
            else:
                raise AssertionError(f"{line} does not end")
            outputs[match[1]] = "\n".join(value)
        else:
            name, equals, value = line.partition("=")
            assert equals, line
            outputs[name] = value
    return outputs
