"""What of a trial's data people may see: names, phones and addresses are masked, whatever step they came from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from app.domain.masking import mask_address, mask_document, mask_person, mask_phone

_PHONE: Final = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
_NAMES: Final = frozenset({"contact_name", "contact", "customer_name", "person", "signed_by", "owner_name"})
_DOCUMENTS: Final = frozenset({"document_number", "id_number", "certificate_no"})
_ADDRESSES: Final = frozenset({"address_zh", "address_en", "address", "address_text"})
_OWNERS: Final = frozenset({"customer_no", "account_no", "to_customer_no", "to_account_no"})


def masked(value: Any, key: str = "") -> Any:
    """The same data with what is about a person masked."""
    if isinstance(value, Mapping):
        return {name: masked(one, str(name)) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [masked(one, key) for one in value]
    if not isinstance(value, str) or not value:
        return value
    if key in _NAMES:
        return mask_person(value)
    if key in _DOCUMENTS:
        return mask_document(value)
    if key in _ADDRESSES:
        return mask_address(value)
    return _PHONE.sub(lambda found: mask_phone(found[0]), value)


def anonymous(value: Any, key: str = "") -> Any:
    """Data of a real order as a sample: whom it was for is taken out, everything else stays."""
    if isinstance(value, Mapping):
        return {name: anonymous(one, str(name)) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [anonymous(one, key) for one in value]
    if isinstance(value, str) and value:
        if key in _OWNERS:
            return f"{value[:2].rstrip('0123456789') or 'N'}000000"
        if key in _NAMES | _DOCUMENTS | _ADDRESSES or key.endswith("phone"):
            return ""
        return _PHONE.sub("", value)
    return value
