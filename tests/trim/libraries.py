"""Libraries made for tests: ELF files with fat binaries in them, in the form that NVIDIA's tools write."""
import struct

PTX, CUBIN, LTO = 1, 2, 8
FLAG_A, FLAG_F, FLAG_LTO = 0x100000, 0x200000, 0x10000


def code(name):
    """(kind, architecture, flags) of "sm_90a", "compute_80" or "lto_50"."""
    word, number = name.split("_")
    kind = {"sm": CUBIN, "compute": PTX, "lto": LTO}[word]
    flags = 0x11 | {"a": FLAG_A, "f": FLAG_F}.get(number[-1], 0) | (FLAG_LTO if kind == LTO else 0)
    return kind, int(number.rstrip("af")), flags


def entry(name, payload=64, *, version=0x0101, flags=0, kind=None, fill=None):
    own, architecture, own_flags = code(name)
    body = (fill or name.encode() + b"/") * (payload // 2 + 1)
    return struct.pack("<HHIQIIHHIIIQQQ", own if kind is None else kind, version, 64, payload, 0, 0, 0, 0, architecture, 0, 0,
                       own_flags | flags, 0, 0) + body[:payload]


def container(*entries, version=1, size=None):
    body = b"".join(entry(part) if isinstance(part, str) else part for part in entries)
    return struct.pack("<IHHQ", 0xBA55ED50, version, 16, len(body) if size is None else size) + body


def library(*containers, section=".nv_fatbin", offset=None, size=None, more=()):
    """ELF with the containers in one section, a little host code behind it; `more` are further rows (name, offset, size) of the table."""
    fatbin = b"".join(containers)
    rows = [(section, 64 if offset is None else offset, len(fatbin) if size is None else size), *more]
    text = 64 + len(fatbin)
    body = fatbin + b"\x90" * 64
    names, offsets = b"\0.shstrtab\0.text\0", []
    for name, *_ in rows:
        offsets.append(len(names))
        names += name.encode() + b"\0"
    at = 64 + len(body)
    table = at + len(names) + -(at + len(names)) % 8
    row = lambda name, kind, offset, size: struct.pack("<IIQQQQIIQQ", name, kind, 0, 0, offset, size, 0, 0, 8, 0)
    sections = [row(0, 0, 0, 0), row(1, 3, at, len(names)), row(11, 1, text, len(body) - len(fatbin))]
    sections += [row(name, 1, offset, size) for name, (_, offset, size) in zip(offsets, rows)]
    header = b"\x7fELF\2\1\1" + bytes(9) + struct.pack("<HHIQQQIHHHHHH", 3, 62, 1, 0, 0, table, 0, 64, 0, 0, 64, len(sections), 1)
    return header + body + names + bytes(table - at - len(names)) + b"".join(sections)
