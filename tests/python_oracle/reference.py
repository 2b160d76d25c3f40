"""The right answers: python3-packaging's, corrected where a PEP says otherwise.

Each correction below replaces as little of packaging 23.0 as it can and gives the sentence of the PEP that it
follows. Where a PEP is silent, packaging is right.
"""
import re
import urllib.parse

from packaging import _manylinux, _parser, _tokenizer, markers, specifiers, tags, utils, version
from packaging._parser import Value, Variable
from packaging.specifiers import InvalidSpecifier, Specifier, SpecifierSet
from packaging.version import InvalidVersion, Version

# --- PEP 440 -------------------------------------------------------------------------------------------------

# "This includes " ", \t, \n, \r, \f, and \v." - packaging also takes Unicode's white space, and in a local
# version, where PEP 440 has "ASCII letters ([a-zA-Z])", the letters that have one as their lower case.
SPACE = " \t\n\r\f\v"
Version._regex = re.compile(Version._regex.pattern, re.VERBOSE | re.IGNORECASE | re.ASCII)

# PEP 508: "version = wsp* ( letterOrDigit | '-' | '_' | '.' | '*' | '+' | '!' )+" - after ===, packaging also
# takes nothing at all, and, in requirements, commas.
VERSION_PATTERN = Specifier._version_regex_str.replace(r"[^\s;)]*", r"[^\s;),]+")
assert VERSION_PATTERN != Specifier._version_regex_str
Specifier._regex = re.compile(r"^\s*" + Specifier._operator_regex_str + VERSION_PATTERN + r"\s*$",
                              re.VERBOSE | re.IGNORECASE | re.ASCII)


class AsciiText(str):
    """A text with no white space but PEP 440's, which SpecifierSet splits and strips."""

    def strip(self):
        return AsciiText(super().strip(SPACE))

    def split(self, separator):
        return [AsciiText(part) for part in super().split(separator)]


def specifier_set(text):
    return SpecifierSet(AsciiText(text))


packaging_init = Specifier.__init__


def init(self, spec="", prereleases=None):
    packaging_init(self, spec, prereleases)
    match = self._regex.search(spec)
    self._spec = (match.group("operator"), match.group("version").strip(SPACE))


Specifier.__init__ = init
packaging_compare_equal = Specifier._compare_equal
packaging_compatible = Specifier._compare_compatible
packaging_prereleases = Specifier.prereleases


def without_epoch(text):
    return text.rpartition("!")[2]


def compare_equal(self, prospective, spec):
    # "The *only* substitution performed is the zero padding of the release segment" - where there is an epoch,
    # packaging takes it for a part of the release and then pads nothing.
    if spec.endswith(".*"):
        if prospective.epoch != Version(spec[:-2]).epoch:
            return False
        prospective = Version(without_epoch(str(prospective)))
        spec = without_epoch(spec)
    return packaging_compare_equal(self, prospective, spec)


def compare_compatible(self, prospective, spec):
    # "If a pre-release, post-release or developmental release is named in a compatible release clause as
    # V.N.suffix, then the suffix is ignored when determining the required prefix match" - packaging ignores only
    # suffixes in their normalized spelling.
    return packaging_compatible(self, prospective, str(Version(spec)))


def prereleases(self):
    # "Arbitrary equality comparisons are simple string equality operations which do not take into account any
    # of the semantic information" - packaging raises InvalidVersion for "===x" unless told about pre-releases.
    try:
        return packaging_prereleases.fget(self)
    except InvalidVersion:
        return False


Specifier._compare_equal = compare_equal
Specifier._compare_compatible = compare_compatible
Specifier.prereleases = property(prereleases, packaging_prereleases.fset)

# --- PEP 508 -------------------------------------------------------------------------------------------------

_tokenizer.DEFAULT_RULES.update(
    SPECIFIER=re.compile(Specifier._operator_regex_str + VERSION_PATTERN, re.VERBOSE | re.IGNORECASE | re.ASCII),
    # "identifier_end = letterOrDigit | (('-' | '_' | '.' )* letterOrDigit)" - packaging lets names end in '_'.
    IDENTIFIER=r"\b[a-zA-Z0-9](?:[a-zA-Z0-9._-]*[a-zA-Z0-9])?",
    # "urlspec = '@' wsp* <URI_reference>", which has no white space - packaging takes all but blanks and tabs.
    URL=r"[^ \t\n\r\f\v]+",
    # "python_str_c = (wsp | letter | digit | ...", "wsp = ' ' | '\t'" - packaging fails with Python's own
    # SyntaxError where a line ends within quotes.
    QUOTED_STRING=r"""('[^'\r\n]*'|"[^"\r\n]*")""",
)


def process_python_str(text):
    # "Note that backslash escapes are not defined" - packaging reads the text as Python does.
    return Value(text[1:-1])


_parser.process_python_str = process_python_str


def url_is_valid(url):
    try:
        parts = urllib.parse.urlparse(url)
    except ValueError:
        return False
    if parts.scheme == "file":
        # RFC 3986, section 3.1: "schemes are case-insensitive", and an empty query or fragment is one - packaging
        # refuses every file URL that its parser does not write back byte for byte.
        return url[4:].startswith("://")
    # "scheme = letter ( letter | digit | '+' | '-' | '.')*" - packaging drops control characters before it.
    return bool(parts.scheme and parts.netloc) and url[0].isalpha()


def parse_requirement(text):
    parsed = _parser.parse_requirement(text)
    if parsed.url and not url_is_valid(parsed.url):
        raise ValueError("not a URL")
    specifier_set(parsed.specifier)
    return parsed


def parse_marker(text):
    # "marker = marker_or" is the whole - packaging stops after it and ignores what follows, unless the marker is
    # part of a requirement. There it ignores a line end.
    if text.endswith("\n"):
        raise ValueError("a line end")
    return _parser.parse_requirement("a;" + text).marker


def text_compare(left, operator, right):
    # "If there is no defined behaviour of PEP 440 and the operator exists in Python, then the operator falls
    # back to the Python behaviour. Otherwise an error should be raised." PEP 440 defines === for any text.
    if operator == "===":
        return left == right
    if operator == "~=":
        raise markers.UndefinedComparison
    return markers._operators[operator](left, right)


def compare(left, operator, right, is_extra):
    if is_extra:
        # PEP 685: "When comparing extra names, tools MUST normalize the names being compared using the semantics
        # outlined in PEP 503 for names" - packaging then compares them as versions where they look like such.
        return text_compare(utils.canonicalize_name(left), operator, utils.canonicalize_name(right))
    # "[They] use the PEP 440 version comparison rules when those are defined (that is
    # when both sides have a valid version specifier)" - packaging raises where only the right side has one.
    try:
        prospective = Version(left)
        if operator == "===":
            return str(prospective).lower() == right.strip(SPACE).lower()
        return Specifier(operator + right).contains(prospective, prereleases=True)
    except (InvalidVersion, InvalidSpecifier):
        return text_compare(left, operator, right)


def evaluate(tree, environment):
    groups = [[]]
    for item in tree:
        if isinstance(item, list):
            groups[-1].append(evaluate(item, environment))
        elif isinstance(item, tuple):
            # "marker_expr = marker_var marker_op marker_var" for any two of them - packaging takes the name
            # of a variable on the right for a text if there is one on the left, and raises for two texts.
            left, operator, right = item
            values = [environment[v.value] if isinstance(v, Variable) else v.value for v in (left, right)]
            is_extra = any(isinstance(v, Variable) and v.value == "extra" for v in (left, right))
            groups[-1].append(compare(values[0], operator.value, values[1], is_extra))
        elif item == "or":
            groups.append([])
    return any([all(group) for group in groups])


# --- answers -------------------------------------------------------------------------------------------------

VARIABLES = ["python_version", "python_full_version", "os_name", "sys_platform", "platform_machine",
             "platform_release", "platform_system", "platform_version", "platform_python_implementation",
             "implementation_name", "implementation_version", "extra"]


def written(tree):
    """A marker as sw_marker_write() says: parentheses around what was nested, unless it is a single one."""
    ors = [[]]
    for item in tree:
        if item == "or":
            ors.append([])
        elif item != "and":
            while isinstance(item, list) and len(item) == 1:
                item = item[0]
            ors[-1].append(item)
    if len(ors) == 1 and len(ors[0]) == 1 and isinstance(ors[0][0], list):
        return written(ors[0][0])
    single = len(ors) == 1

    def one(item, alone):
        if not isinstance(item, list):
            return written_comparison(item)
        # An 'and' that stands alone between two 'or' reads the same without its parentheses.
        is_and = "or" not in item
        return written(item) if alone and is_and and not single else f"({written(item)})"

    return " or ".join(" and ".join(one(item, len(group) == 1) for item in group) for group in ors)


def written_comparison(item):
    def value(v):
        quote = "'" if '"' in v.value else '"'
        return v.value if isinstance(v, Variable) else f"{quote}{v.value}{quote}"
    left, operator, right = item
    return f"{value(left)} {operator.value} {value(right)}"


def name(text):
    # PEP 508: "^([A-Z0-9]|[A-Z0-9][A-Z0-9._-]*[A-Z0-9])$" run with re.IGNORECASE
    valid = re.fullmatch("([A-Z0-9]|[A-Z0-9][A-Z0-9._-]*[A-Z0-9])", text, re.IGNORECASE | re.ASCII)
    # Only ASCII letters have a lower case here.
    lowered = "".join(c.lower() if c.isascii() else c for c in re.sub(r"[-_.]+", "-", text))
    return [str(int(valid is not None)), lowered]


def version_(text):
    parsed = Version(text)
    return [str(parsed), str(int(parsed.is_prerelease))]


def compare_(a, b):
    a, b = Version(a), Version(b)
    public = Version(a.public), Version(b.public)
    return [str((a > b) - (a < b)), str((public[0] > public[1]) - (public[0] < public[1]))]


def contains(text, item):
    wanted, item = specifier_set(text), Version(item)
    return [set(wanted), *(str(int(wanted.contains(item, prereleases=mode))) for mode in (None, True, False))]


def filter_(mode, text, *items):
    items = [Version(item) for item in items]
    mode = {"auto": None, "allow": True, "refuse": False}[mode]
    numbered = {id(item): i for i, item in enumerate(items)}
    return [str(numbered[id(item)]) for item in specifier_set(text).filter(items, prereleases=mode)]


def marker(text, *values):
    tree = parse_marker(text)
    try:
        holds = str(int(evaluate(tree, dict(zip(VARIABLES, values)))))
    except markers.UndefinedComparison:
        holds = "meaningless"
    return [written(tree), holds]


def requirement(text):
    parsed = parse_requirement(text)
    tree = "" if parsed.marker is None else written(parsed.marker)
    return [parsed.name, set(specifier_set(parsed.specifier)), parsed.url, tree, *parsed.extras]


def tags_(major, minor, machine, glibc_minor):
    key = (major, minor, machine, glibc_minor)
    if key not in KNOWN_TAGS:
        _manylinux._get_glibc_version = lambda: (2, int(glibc_minor))
        platforms = [*_manylinux.platform_tags(f"linux_{machine}", machine), f"linux_{machine}"]
        python = (int(major), int(minor))
        both = [*tags.cpython_tags(python, platforms=platforms),
                *tags.compatible_tags(python, f"cp{major}{minor}", platforms)]
        KNOWN_TAGS[key] = [str(tag) for tag in both]
    return KNOWN_TAGS[key]


KNOWN_TAGS = {}


def wheel(text, *target):
    # PEP 508 limits "the acceptable values for identifiers" of projects to ASCII and at least one letter or digit,
    # and PEP 425's tags are names; a file name has no folders. packaging takes any letters, slashes, and empty
    # names and tags.
    parts = text[:-len(".whl")].split("-")
    if "/" in text or not parts[0].isascii() or not parts[0] or \
            not all(tag for part in parts[-3:] for tag in part.split(".")):
        raise ValueError
    found, parsed, build, found_tags = utils.parse_wheel_filename(text)
    found_tags = set(map(str, found_tags))
    rank = next((i for i, tag in enumerate(tags_(*target)) if tag in found_tags), -1)
    return [found, str(parsed), build, found_tags, str(rank)]


def sdist(text):
    found, parsed = utils.parse_sdist_filename(text)
    # PEP 625: "The filename contains the distribution name", which PEP 508 limits as above - packaging takes any
    # text.
    if name(text[:text.rindex("-")])[0] == "0":
        raise ValueError
    return [found, str(parsed)]


VERBS = {"name": name, "version": version_, "compare": compare_, "contains": contains, "filter": filter_,
         "marker": marker, "requirement": requirement, "tags": tags_, "wheel": wheel, "sdist": sdist}


def answer(verb, arguments):
    try:
        return ["ok", *VERBS[verb](*arguments)]
    except (ValueError, _tokenizer.ParserSyntaxError):  # the parent of every Invalid…
        return ["invalid"]


def arrange(verb, given):
    """The program's answer in the shape of answer(): sets where packaging has no order."""
    if given[0] == "invalid":
        return given
    if verb == "contains":
        given[1] = set(specifier_set(given[1]))
    elif verb == "requirement":
        given[2] = set(specifier_set(given[2]))
    elif verb == "sdist":
        given[1] = utils.canonicalize_name(given[1])
    elif verb == "wheel":
        _, found, parsed, number, suffix, interpreters, abis, platforms, rank = given
        build = (int(number), suffix) if number else ()
        both = set(map(str, tags.parse_tag(f"{interpreters}-{abis}-{platforms}")))
        return ["ok", utils.canonicalize_name(found), parsed, build, both, rank]
    return given
