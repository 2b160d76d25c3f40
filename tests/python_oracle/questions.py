"""Questions for lib/python: pieces of each grammar put together at random, and a share of them damaged.

Every list below may be added to; a piece needs no code.
"""
import random

SEED = 440508
DAMAGED = 0.25

# How many of each.
COUNTS = {"name": 3000, "version": 20000, "compare": 25000, "contains": 26000, "filter": 2500, "marker": 9000,
          "requirement": 11000, "tags": 100, "wheel": 5000, "sdist": 2500}

NUMBERS = ["0", "0", "1", "1", "2", "3", "4", "7", "10", "11", "00", "01", "007", "2024", "20240131",
           "18446744073709551616", "99999999999999999999999999", "0000000000000000000000000000001"]
PRE = ["a", "b", "c", "rc", "alpha", "beta", "pre", "preview", "A", "RC", "Beta", "aLpHa"]
POST = ["post", "rev", "r", "POST", "Rev"]
DEV = ["dev", "DEV", "Dev"]
SEPARATORS = ["", "", "", ".", ".", "-", "_"]
LOCAL = ["1", "01", "10", "abc", "ABC", "cu128", "cu118", "ubuntu", "0a", "5", "dev", "local", "a1b2",
         "00000000000000000000000000009"]
SPACE = ["", "", "", "", "", " ", "\t", "\n", "  ", "\r\n", "\f", "\v"]
BLANKS = ["", "", "", " ", " ", "  ", "\t"]
OPERATORS = ["==", "==", "==", "!=", "<=", ">=", "<", ">", "~=", "~=", "==="]
BAD_OPERATORS = ["=", "=>", "=<", "<>", "~", "^", "====", "is", ""]
ARBITRARY = ["foobar", "1.0-downstream1", "1.0.POST1", "v1", "2_0", "1.0*", "a/b", "\u00e9", "'x'"]
DAMAGE = list(" \t\n.-_+!*v0a1Z%,;()[]<>=~'\"@#/\\") + ["\u00e9", "\u00a0", "\u017f", "\u212a", "\x00", "\x1c", "\x7f",
                                                        "\u0663", "rc", "dev", "post", ".*", "==", "and", "or"]
NAMES = ["a", "A", "torch", "Torch_Vision", "ruamel.yaml", "zope.interface", "typing_extensions", "x1", "3to2", "a--b",
         "A._-b", "python-dateutil", "extra", "in", "or", "not", "and", "os_name", "v1"]
BAD_NAMES = ["", "-a", "a-", "a_", ".a", "a.", "_", "a b", "\u00e9", "a\u00e9", "-", "a/b", "a:b"]
URLS = ["https://example.org/a.whl", "http://example.org", "git+https://example.org/r.git@v1#egg=a",
        "git+ssh://git@example.org/r.git", "file:///tmp/a.whl", "file://localhost/a", "https://u:p@example.org:8/a?b=c#d",
        "http://[::1]/a", "https://example.org/a;b", "https://example.org/a%20b", "HTTPS://example.org/", "s3://b/k",
        "https://example.org/;", "FILE:///a", "file:///a?", "file:///a;b", "https://example.org/${X}"]
BAD_URLS = ["", "example.org/a", "/a/b", "./a", "file:a", "file:/a", "https://", "https:///a", "http://[::1/a", "://a",
            "1http://a", "http//a", "mailto:a@example.org", "https", ":", "h\u00e9://a"]
VARIABLES = ["python_version", "python_version", "python_full_version", "os_name", "os.name", "sys_platform",
             "sys.platform", "platform_machine", "platform.machine", "platform_release", "platform_system",
             "platform_version", "platform.version", "platform_python_implementation",
             "platform.python_implementation", "python_implementation", "implementation_name",
             "implementation_version", "extra", "extra"]
BAD_VARIABLES = ["python_versions", "python", "platform.release", "platform.system", "OS_NAME", "os__name", "extras",
                 "os-name", "3", "x", "", "pythonversion", "implementation.name"]
MARKER_OPERATORS = ["==", "==", "!=", "<", "<=", ">", ">=", "~=", "===", "in", "not in", "not  in", "not\tin"]
BAD_MARKER_OPERATORS = ["=", "<>", "is", "not", "notin", "IN", "", "&&"]
VALUES = ["3.11", "3.8", "3.8.*", "3", "3.11.2", "3.9rc1", "posix", "nt", "linux", "linux2", "win32", "Linux", "x86_64",
          "aarch64", "CPython", "cpython", "2.6 2.7 3.11", "linux darwin", "", " ", " 3.8 ", "dev", "Dev_Test", "dev.test",
          "dev-test", "5.15", "1.0+local", "v1", "a\\b", "a'b", 'a"b', "1!3.8", "surprise", "a b", ";", ")", "\u00e9",
          "3.11+cu128", "1", "01"]
TARGETS = [
    ["3.11", "3.11.2", "posix", "linux", "x86_64", "5.15.0-91-generic", "Linux", "#101-Ubuntu SMP", "CPython",
     "cpython", "3.11.2", ""],
    ["3.8", "3.8.18", "posix", "linux", "aarch64", "5.15", "Linux", "1.0", "CPython", "cpython", "3.8.18", "dev"],
    ["3.10", "3.10.0rc1", "nt", "win32", "AMD64", "10", "Windows", "10.0.19041", "PyPy", "pypy", "7.3.9", "Dev_Test"],
    ["2.7", "2.7.18", "posix", "linux2", "x86_64", "", "Linux", "", "CPython", "cpython", "2.7.18", "v1"],
    ["3.13", "3.13.0+", "java", "darwin", "arm64", "23.1.0", "Darwin", "Darwin Kernel Version 23.1.0", "Jython",
     "jython", "", "1"],
]
INTERPRETERS = ["py3", "py2.py3", "cp311", "cp310", "cp39.cp310", "cp37", "CP311", "py311", "py2", "pp39", "cp27", "py310"]
ABIS = ["none", "abi3", "cp311", "cp310", "cp37m", "none.abi3", "ABI3", "cp27mu", "pypy39_pp73"]
PLATFORMS = ["any", "linux_x86_64", "manylinux1_x86_64", "manylinux2014_x86_64", "manylinux_2_17_x86_64",
             "manylinux_2_17_x86_64.manylinux2014_x86_64", "manylinux_2_28_aarch64", "manylinux2014_aarch64",
             "win_amd64", "macosx_11_0_arm64", "manylinux_2_5_x86_64.manylinux1_x86_64", "ManyLinux1_x86_64",
             "musllinux_1_1_x86_64", "manylinux_2_12_x86_64"]
BUILDS = ["1", "0", "01", "2b", "10_local", "99999999999999999999", "1.2"]
BAD_BUILDS = ["b1", "", "_1", ".1"]


class Maker:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def pick(self, pieces, bad=(), share=0.03):
        if bad and self.chance(share):
            pieces = bad
        return pieces[int(self.random.random() * len(pieces))]

    def chance(self, share):
        return self.random.random() < share

    def damaged(self, text, share=DAMAGED):
        if not self.chance(share):
            return text
        for _ in range(self.pick([1, 1, 1, 2, 3])):
            i = self.random.randrange(len(text) + 1)
            kind = self.random.randrange(4)
            if kind == 0:
                text = text[:i] + self.pick(DAMAGE) + text[i:]
            elif kind == 1:
                text = text[:i] + text[i + 1:]
            elif kind == 2:
                text = text[:i] + self.pick(DAMAGE) + text[i + 1:]
            else:
                j = self.random.randrange(len(text) + 1)
                text = text[:i] + text[min(i, j):max(i, j)] + text[i:]
        return text

    def release(self):
        return ".".join(self.pick(NUMBERS) for _ in range(self.pick([1, 2, 2, 3, 3, 4, 5])))

    def suffix(self, words):
        return self.pick(SEPARATORS) + self.pick(words) + self.pick(SEPARATORS) + self.pick(NUMBERS + ["", "", ""])

    def public(self):
        text = self.pick(["", "", "", "", "", "v", "V"]) + self.pick(["", "", "", "", "0!", "1!", "01!", "2!"])
        text += self.release()
        if self.chance(0.35):
            text += self.suffix(PRE)
        if self.chance(0.25):
            text += "-" + self.pick(NUMBERS) if self.chance(0.3) else self.suffix(POST)
        if self.chance(0.25):
            text += self.suffix(DEV)
        return text

    def local(self):
        text = "+" + self.pick(LOCAL)
        while self.chance(0.4):
            text += self.pick([".", "-", "_"]) + self.pick(LOCAL)
        return text

    def version(self):
        text = self.public()
        if self.chance(0.25):
            text += self.local()
        return text

    def near(self, text):
        """A version that has much in common with another one."""
        release = text.lstrip("vV").rpartition("!")[2]
        end = 0
        while end < len(release) and (release[end].isdigit() or release[end] == "."):
            end += 1
        base = release[:end].strip(".") or "1"
        base = self.pick([base, base, base + ".0", base + ".1", base.rpartition(".")[0] or base])
        text = self.pick(["", "", "", "1!", "0!"]) + base
        if self.chance(0.3):
            text += self.suffix(PRE)
        if self.chance(0.25):
            text += self.suffix(POST)
        if self.chance(0.2):
            text += self.suffix(DEV)
        if self.chance(0.25):
            text += self.local()
        return text

    def clause(self, version=None):
        operator = self.pick(OPERATORS, BAD_OPERATORS)
        if operator == "===" and self.chance(0.5):
            return operator + self.pick(SPACE) + self.pick(ARBITRARY)
        text = version or self.public()
        if operator in ("==", "!="):
            if self.chance(0.3):
                text = self.pick(["", "", "1!"]) + self.release() + ".*"
            elif self.chance(0.2):
                text += self.local()
        elif self.chance(0.03):
            text += self.pick([".*", "+local"])
        return operator + self.pick(SPACE) + text

    def set(self, near=None):
        count = self.pick([0, 1, 1, 1, 1, 2, 2, 3])
        clauses = [self.clause(near and self.chance(0.7) and self.near(near)) for _ in range(count)]
        comma = self.pick([",", ",", ", ", " , ", ",,"])
        return self.pick(SPACE) + comma.join(clauses) + self.pick(SPACE)

    def constant(self):
        text = self.pick(VALUES)
        quote = '"' if "'" in text else "'" if '"' in text else self.pick(["'", '"'])
        return quote + text + quote

    def comparison(self):
        left = self.pick(VARIABLES, BAD_VARIABLES, 0.02)
        right = self.constant()
        if self.chance(0.3):
            left, right = right, left
        elif self.chance(0.06):
            right = self.pick(VARIABLES)
        elif self.chance(0.06):
            left = self.constant()
        operator = self.pick(MARKER_OPERATORS, BAD_MARKER_OPERATORS, 0.02)
        around = self.pick([" ", " ", " ", "", "  ", "\t"])
        return left + around + operator + around + right

    def marker(self, depth=0):
        text = ""
        for i in range(self.pick([1, 1, 1, 2, 2, 3])):
            if i > 0:
                around = self.pick([" ", " ", " ", "", "  "])
                text += around + self.pick(["and", "or"]) + around
            if depth < 3 and self.chance(0.2):
                text += "(" + self.pick(BLANKS) + self.marker(depth + 1) + self.pick(BLANKS) + ")"
            else:
                text += self.comparison()
        return text

    def name(self):
        return self.pick(NAMES, BAD_NAMES, 0.02)

    def extras(self):
        if not self.chance(0.3):
            return ""
        count = self.pick([0, 1, 1, 2, 3])
        names = [self.pick(BLANKS) + self.name() + self.pick(BLANKS) for _ in range(count)]
        return "[" + ",".join(names) + "]"

    def requirement(self):
        text = self.pick(BLANKS) + self.name() + self.pick(BLANKS) + self.extras() + self.pick(BLANKS)
        has_url = self.chance(0.15)
        if has_url:
            text += "@" + self.pick(BLANKS) + self.pick(URLS, BAD_URLS, 0.15)
        else:
            clauses = [self.clause() for _ in range(self.pick([0, 1, 1, 2, 3]))]
            text += self.pick(["{}", "{}", "{}", "({})", "( {} )"]).format(
                self.pick([",", ", ", " , "]).join(clauses) + self.pick(["", "", "", "", "", "", ",", " "]))
        if self.chance(0.35):
            text += (" " if has_url and self.chance(0.9) else self.pick(BLANKS)) + ";"
            text += self.pick(BLANKS) + self.marker(1)
        return text + self.pick(BLANKS + [""] * 20 + ["\n", "\r\n"])

    def target(self):
        minor = str(self.random.randrange(0, 20))
        major = self.pick(["3", "3", "3", "3", "2"])
        return [major, minor, self.pick(["x86_64", "x86_64", "aarch64"]), str(self.random.randrange(0, 45))]

    def wheel(self):
        build = "-" + self.pick(BUILDS, BAD_BUILDS) if self.chance(0.2) else ""
        found = self.name().replace("-", "_") if self.chance(0.9) else self.name()
        version = self.version().replace("-", "_") if self.chance(0.5) else "1.0"
        ending = self.pick([".whl"], [".zip", "", ".WHL", ".whl "])
        return "-".join([found, version + build, self.pick(INTERPRETERS), self.pick(ABIS), self.pick(PLATFORMS)]) + ending

    def sdist(self):
        return self.name() + "-" + self.version() + self.pick([".tar.gz", ".zip"], [".tar.bz2", "", ".tgz"])

    def question(self, verb):
        if verb == "name":
            return [self.damaged(self.name())]
        if verb == "version":
            return [self.damaged(self.pick(SPACE) + self.version() + self.pick(SPACE))]
        if verb == "compare":
            a = self.version()
            return [self.damaged(a, 0.05), self.damaged(self.near(a) if self.chance(0.7) else self.version(), 0.05)]
        if verb == "contains":
            item = self.version()
            return [self.damaged(self.set(item), 0.15), self.near(item) if self.chance(0.4) else item]
        if verb == "filter":
            items = [self.version() for _ in range(self.random.randrange(0, 6))]
            items += [self.near(item) for item in items]
            return [self.pick(["auto", "allow", "refuse"]), self.set(items[0] if items else None), *items]
        if verb == "marker":
            return [self.damaged(self.marker(), 0.15), *self.pick(TARGETS)]
        if verb == "requirement":
            return [self.damaged(self.requirement(), 0.2)]
        if verb == "tags":
            return self.target()
        if verb == "wheel":
            return [self.damaged(self.wheel(), 0.15), *self.pick(self.wheel_targets)]
        return [self.damaged(self.sdist(), 0.15)]

    def generate(self):
        self.wheel_targets = [["3", "11", "x86_64", "36"], ["3", "10", "aarch64", "28"], ["2", "7", "x86_64", "12"],
                              ["3", "7", "x86_64", "4"]]
        return [(verb, self.question(verb)) for verb, count in COUNTS.items() for _ in range(count)]


def generate():
    return Maker(SEED).generate()
