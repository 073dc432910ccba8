"""Phone numbers: one written form for each (E.164), and a masked form for people who need not see them.

Mainland China's numbering (telecommunication network numbering plan): mobiles are 11 digits beginning 13-19; fixed
lines an area code of 2 (10, 2x) or 3 (3xx-9xx) digits and 7 or 8 digits; 400 and 800 service numbers have 10 digits.
"""

from __future__ import annotations

import re
import unicodedata

from shared.contracts.refusal import Refusal

_PUNCTUATION = re.compile(r"[\s().\-‐-―·]+")
_MOBILE = re.compile(r"1[3-9]\d{9}")
_FIXED = re.compile(r"(?:10|2\d)\d{8}|[3-9]\d{2}\d{7,8}")
_SERVICE = re.compile(r"[48]00\d{7}")
_INTERNATIONAL = re.compile(r"[1-9]\d{6,14}")


def normalise_phone(written: str) -> str:
    """The number as E.164 (`+8613800138000`), read as a mainland one unless it begins with + or 00.

    Refuses with `phone-invalid` what is no such number.
    """
    digits = _PUNCTUATION.sub("", unicodedata.normalize("NFKC", written))
    if digits.startswith(("+", "00")):
        return _international(digits.removeprefix("+") if digits[0] == "+" else digits[2:])
    if digits.startswith("86") and _MOBILE.fullmatch(digits[2:]):
        return "+" + digits
    return _mainland(digits)


def takes_messages(number: str) -> bool:
    """Whether a normalised number may be written to: mainland mobiles, and whatever is not of the mainland."""
    return not number.startswith("+86") or bool(_MOBILE.fullmatch(number.removeprefix("+86")))


def mask_phone(number: str) -> str:
    """The number with what identifies its owner hidden: `138****8000`; mainland numbers as they are dialled there."""
    digits, prefix = number.removeprefix("+"), "+"
    if digits.startswith("86"):
        digits, prefix = digits[2:], ""
        if not (_MOBILE.fullmatch(digits) or _SERVICE.fullmatch(digits)):
            prefix = "0"
    shown = prefix + digits
    if len(shown) < 10:
        return f"{shown[:2]}****{shown[-2:]}"
    return f"{shown[:-8]}****{shown[-4:]}"


def _international(digits: str) -> str:
    if not (digits.isascii() and _INTERNATIONAL.fullmatch(digits)):
        raise Refusal("phone-invalid")
    return _mainland(digits[2:]) if digits.startswith("86") else "+" + digits


def _mainland(digits: str) -> str:
    national = digits.removeprefix("0")
    dialled_as_fixed = national != digits
    if not digits.isascii():
        raise Refusal("phone-invalid")
    if _MOBILE.fullmatch(national) or (not dialled_as_fixed and _SERVICE.fullmatch(national)):
        return "+86" + national
    if _FIXED.fullmatch(national):
        return "+86" + national
    raise Refusal("phone-invalid")
