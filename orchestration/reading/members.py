"""What an entry of an archive is called, and which safety rule it breaks.

Belongs here: one entry at a time, judged by its name and flags. Does not belong here: unpacking, and the
rules about an archive as a whole (`unpack.py`).
"""

import re
import stat
import unicodedata
import zipfile


def broken_rule(name: str, info: zipfile.ZipInfo) -> str:
    """Name the rule that an entry breaks, as the end of a sentence about it; empty if none."""
    return name_rule(name) or _entry_rule(info)


def printable(name: str) -> str:
    """Write a name so that it cannot disturb a message."""
    return ascii(name) if any(map(_is_control, name)) else name


def _is_control(char: str) -> bool:
    return unicodedata.category(char) == "Cc"


def name_rule(name: str) -> str:
    """Name the rule that an entry's name breaks, or nothing."""
    parts = name.split("/")
    rules = {
        "has an absolute path": name.startswith("/"),
        "has .. in its path": ".." in parts,
        "has a backslash in its name": "\\" in name,
        "has a drive letter in its path": bool(re.match("[A-Za-z]:", name)),
        "has a control character in its name": any(map(_is_control, name)),
        "has no name": not any(part not in ("", ".") for part in parts),
        "has too long a name": any(len(part.encode()) > 255 for part in parts),
    }
    return next((rule for rule, broken in rules.items() if broken), "")


def _entry_rule(info: zipfile.ZipInfo) -> str:
    """Name the rule that an entry's flags break, or nothing."""
    if info.flag_bits & 0x1:
        return "is encrypted: save the archive without a password first"
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind == stat.S_IFLNK:
        return "is a link"
    return "" if kind in (0, stat.S_IFREG, stat.S_IFDIR) else "is a device or another special file"


def decoded_name(info: zipfile.ZipInfo) -> str:
    """Read an entry's name; the format has no encoding but cp437 for names without the UTF-8 flag.

    Tools write the bytes of their own system all the same: UTF-8, cp866 on Russian Windows, GBK on Chinese.
    Bytes that are all Cyrillic letters in cp866 are read so, since no usual Chinese character has such bytes.
    """
    name = info.orig_filename  # `filename` is cut at a NUL
    if info.flag_bits & 0x800 or name.isascii():
        return name
    raw = name.encode("cp437")
    high = [byte for byte in raw if byte >= 0x80]
    cyrillic = all(0x80 <= byte <= 0xAF or 0xE0 <= byte <= 0xF1 for byte in high)
    for encoding in ("utf-8", "cp866" if cyrillic else "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return name
