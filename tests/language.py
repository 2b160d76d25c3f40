#!/usr/bin/env python3
"""Holds the language of comments and messages in C, of help and of pages to the rules of CONTRIBUTING.md, "Language".

A comment is a sentence with a subject and a verb, or tells the reader what to do; it does not begin in the middle. "if" stands for a
condition, "where" for a place only; a noun stands where "what", "it" or "one" would refer to something said elsewhere. Messages use the
words of the field.

usage: language.py SOURCE-ROOT            each fault at its line; exit status 1 if there is any
       language.py --self-test            tries the rules on sentences that must pass and must not; TAP
       language.py --count SOURCE-ROOT    how many faults each folder has
"""
import collections
import pathlib
import re
import sys

# A comment behind a member or a value, in characters.
LABEL = 40

BEGINS = re.compile(
    r"(?:It|Its|Whether|What|How(?! to\b)|Which|Where|That of|Those|The same|One that|One|Of|To|As|Also|Not|And|Or|Then|So|By|Else|Or else|"
    r"Likewise|Alike|Besides)\b[ ,;:.]", re.I)
PLACES = ("address|column|directory|field|file|folder|host|layer|line|machine|offset|path|place|point|position|root|row|stage|step|table|"
          "text|there|tree|\\w+ of")
COMMENT_RULES = [
    (re.compile(r"\bwhat\b", re.I), 'name the thing instead of "what"'),
    (re.compile(rf"(?:\b(?!(?:{PLACES})s?\b)\w+\b|[^\w\s]|^)\s*\bwhere\b", re.I), '"if" for a condition; "where" follows the place that it means'),
    (re.compile(r"\b(?:the|this|that|these|those|another|each|every|other|own|an? \w+|\w+er|\w+est|first|last|next|right|wrong|only|no|any) one\b(?=\s*(?:[^\w\s]|$|that\b|which\b|is\b|are\b|has\b|may\b|can\b|must\b|does\b|of\b|in\b|and\b|or\b|by\b|to\b))"
                r"|\bone(?= (?:that|which|is|are|has|may|can|must|does)\b)|\bone(?=\s*(?:[.,;:)]|$))|\bones\b", re.I),
     'the noun instead of "one"'),
    (re.compile(r"\bthe same (?:with|for|likewise)\b", re.I), 'name the function instead of "the same"'),
]
MESSAGE_RULES = [
    (re.compile(r"\bis both\b|\bis to be another\b|\bsurroundings\b|\bthis is no \w+ of\b|\bis told of\b|\bmay come ask\b|\bcannot hold\b"),
     "say the field's words: conflict, requires, satisfies, could not run, is missing"),
]
TOKEN = re.compile(r"/\*(.*?)\*/|//([^\n]*)|(\"(?:\\.|[^\"\\\n])*\"(?:\s*\"(?:\\.|[^\"\\\n])*\")*)", re.S)


def judge_comment(text, label=False):
    """The rules that a comment's text breaks. A label trails what it describes, in a few words; it need not be a sentence."""
    faults = []
    if not label and BEGINS.match(text):
        faults.append("begins in the middle of a sentence")
    quoted = re.sub(r"`[^`]*`|\"[^\"]*\"|'[^'\s][^']*'", "Q", text)
    return faults + [says for rule, says in COMMENT_RULES if rule.search(quoted)]


def judge_message(text):
    return [says for rule, says in MESSAGE_RULES if rule.search(text)]


def faults_of(text):
    """(line, quotation, fault) of one C file."""
    for match in TOKEN.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        if match[3]:
            said, faults = match[3], judge_message(match[3])
        else:
            said = re.sub(r"^\s*\* ?", "", match[1] or match[2] or "", flags=re.M).strip()
            trails = text[text.rfind("\n", 0, match.start()) + 1:match.start()].strip() != ""
            faults = judge_comment(said, label=trails and len(said) <= LABEL)
            if trails and len(said) > LABEL:
                faults.append("a comment of more than a few words stands above the line it describes")
        for fault in faults:
            yield line, " ".join(said.split())[:70], fault


def files(root):
    return sorted([*root.glob("lib/*/*.[ch]"), *root.glob("cmd/*.[ch]"), *root.glob("cmd/*/*.[ch]")])


def judge_prose(text):
    """The rules that a line of help or of a page breaks: those of messages, and "if" for a condition."""
    return judge_message(text) + [says for rule, says in COMMENT_RULES[1:2] if rule.search(text)]


def pages(root):
    return sorted([*root.glob("cmd/help/*.txt"), *root.glob("profiles/pages/*.txt")])


def judge_tree(root):
    found = collections.defaultdict(list)
    for path in pages(root):
        where = path.relative_to(root)
        for line, said in enumerate(path.read_text().splitlines(), 1):
            found[str(where.parent)] += [f"{where}:{line}: {fault}: {said}" for fault in judge_prose(said)]
    for path in files(root):
        where = path.relative_to(root)
        for line, said, fault in faults_of(path.read_text()):
            found[str(where.parent)].append(f"{where}:{line}: {fault}: {said}")
    return found


# Sentences as they stood once, and as they are meant.
BAD_COMMENTS = [
    "It, or the session's own, made.",
    "How both end: what went wrong (`code` with `error`) or is wrong, printed",
    "What has been read, as far as its lines are whole, or all where there is no room for the end of one.",
    "To wait on; readable also means that what was received may have to be asked for until nothing comes.",
    "Redirects of one request, and how often what may pass by itself is tried.",
    "Whether it may pass by itself.",
    "The same with one endpoint; its texts are copied.",
    "SW_EENV where nothing of that kind answers.",
    "Prefer the newer one.",
]
GOOD_COMMENTS = [
    "Create the progress display: session->display if set, else the one display that --progress and --format choose.",
    "Print the error, or the findings. STATUS_DONE if `prepared` may be used.",
    "Forward the complete lines; if the buffer is full and has no newline, forward all of it.",
    "A descriptor for poll(). When readable, call sw_connection_receive() until *got is 0.",
    "Redirects per request; attempts for transient failures.",
    "Return true if a retry may succeed.",
    "The line where the step stands.",
    "At most one redirect is followed.",
]
BAD_MESSAGES = [
    "'%s' cannot hold: all 3 releases of X that may come ask for others, the newest, X 1.2, for lib>=3",
    "%s asks for %s, and %s for %s: no release is both",
    "failed: surroundings",
    "this is no step of GitHub Actions that is told of its cache",
    "say in the profile itself what is to be another",
]
BAD_PROSE = ["Finds an engine, or starts one where none runs.", "Releases of the former lock are kept where they still fit."]
GOOD_PROSE = ["Packages install it in the folder where the shell looks; else:"]
GOOD_MESSAGES = [
    "conflict: every allowed release of X requires another lib; X 1.2 requires lib>=3",
    "A requires lib<2 and B requires lib>=3; no release satisfies both",
    "could not run",
    "the runner's cache token is missing: export ACTIONS_RUNTIME_TOKEN",
    "change it in the profile itself",
]


def self_test():
    rows = [(text, judge_comment(text), bad) for bad, texts in ((True, BAD_COMMENTS), (False, GOOD_COMMENTS)) for text in texts]
    rows += [(text, judge_message(text), bad) for bad, texts in ((True, BAD_MESSAGES), (False, GOOD_MESSAGES)) for text in texts]
    rows += [(text, judge_prose(text), bad) for bad, texts in ((True, BAD_PROSE), (False, GOOD_PROSE)) for text in texts]
    print(f"TAP version 13\n1..{len(rows)}")
    failed = 0
    for number, (text, faults, bad) in enumerate(rows, 1):
        good = bool(faults) == bad
        failed += not good
        print(f"{'ok' if good else 'not ok'} {number} - {'refuses' if bad else 'accepts'}: {text.replace('#', '')}")
        if not good:
            print(f"# {faults}")
    return failed > 0


def main(arguments):
    if arguments == ["--self-test"]:
        return self_test()
    found = judge_tree(pathlib.Path(arguments[-1]))
    if arguments[0] == "--count":
        for folder, rows in sorted(found.items()):
            print(f'    "{folder}": {len(rows)},')
        return 0
    faults = [row for rows in found.values() for row in rows]
    print("\n".join(faults), end="\n" if faults else "")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
