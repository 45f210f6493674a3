"""Numbers, names and ways to reach some customers, read from the customer lists at one state of the lake."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from harken.lake.one_customer import kept_connection
from harken.lake.reading import Pinned

PAGES_HELD = 8
"""A list of fifty is asked for again at the same state of the lake when somebody turns back to it."""


@dataclass(frozen=True, slots=True)
class Contact:
    """What a customer is called and how to reach them, as written; None where no source says."""

    number: str
    name: str | None
    email: str | None
    phone: str | None


def contacts(lake: Pinned, customer_ids: Sequence[int]) -> dict[int, Contact]:
    """Contacts by customer id; whoever is in no list any more is missing."""
    return dict(_contacts(lake, tuple(int(customer_id) for customer_id in customer_ids))) if customer_ids else {}


@lru_cache(maxsize=PAGES_HELD)
def _contacts(lake: Pinned, customer_ids: tuple[int, ...]) -> dict[int, Contact]:
    wanted = ", ".join(map(str, customer_ids))
    rows = kept_connection(lake).execute(
        f"""
        SELECT customer_id, min(native_key), min(name), min(email), min(phone)
        FROM ({lake.view_sql("people")}) WHERE customer_id IN ({wanted}) GROUP BY customer_id
        """
    )
    return {row[0]: Contact(*row[1:]) for row in rows.fetchall()}
