"""Texts that readers of output would obey, or would not see, and the check that none of them gets through."""
import re
import unicodedata

TEXTS = ["::error::owned", "\n::set-output name=x::y", "a\r\n  ::add-mask::b", "##[error]owned", "a##\x1b[0m[group]b",
         "\u00a0::warning::x", "\x1b]0;owned\x07\x9b31m", "a\u202eb\u2066c\u200fd\u061c", "a\u200bb\ufeffc\u2060d\u00ad",
         "a\u2028b\u2029c\x85d", "a\U000e0041\U000e0042b", "\x00\x01\x7f\x08", "https://user:s3cret@host.example/x",
         "<script>alert(1)</script>|`x`|[a](http://b)|@everyone|#1|\n\n# h", "]]>&\"'<!--", "%0A::error::x", "\ufffe\uffff"]
# --format, and whether GitHub's runner reads the output.
FORMATS = [("plain", {}), ("tty", {}), ("json", {}), ("sarif", {}), ("github", {}), ("github", {"GITHUB_ACTIONS": "true"}),
           ("plain", {"GITHUB_ACTIONS": "true"}), ("json", {"GITHUB_ACTIONS": "true"})]
OURS = re.compile(r"::(?:error|warning|notice) [^\n]*|::group::build [^\n]*|::endgroup::")


def check_text(data, ours=False):
    """UTF-8 with no character that a terminal or a reader obeys, no login, and no command of a runner but `ours`."""
    text = data.decode()
    bad = {f"U+{ord(c):04X}" for c in text
           if c != "\n" and (unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp", "Cs") or ord(c) & 0xFFFE == 0xFFFE)}
    assert not bad, (bad, text)
    assert "s3cret" not in text, text
    for line in text.split("\n"):
        assert "##[" not in line, line
        if line.lstrip().startswith("::"):
            assert ours and OURS.fullmatch(line), line
    return text
