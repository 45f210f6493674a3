"""How many independent sources say so: what rests on the same records speaks once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Witness:
    """One finding that bears on a hypothesis: who tells it, and whether it agrees.

    `told_by` names the sources of the outcome (who recorded that customers left, or what they answered; a study
    outside). `agrees` is None where the finding is not beyond chance.
    """

    told_by: frozenset[str]
    agrees: bool | None


@dataclass(frozen=True, slots=True)
class Voices:
    """Independent sources that say so, and those that say the opposite; each a name, or several joined by " + "."""

    agree: tuple[str, ...]
    against: tuple[str, ...]


def voices(witnesses: Iterable[Witness]) -> Voices:
    """Counts sources, not findings: findings told by a common source are one, however many columns it has.

    A source that says both counts on neither side. Names are compared without regard to case and blanks around
    them.

    >>> leavers, answers = frozenset({"billing"}), frozenset({"surveys"})
    >>> voices([Witness(leavers, True), Witness(leavers, True)]).agree
    ('billing',)
    >>> voices([Witness(leavers, True), Witness(answers, True), Witness(frozenset({"Lee"}), False)])
    Voices(agree=('billing', 'surveys'), against=('Lee',))
    """
    groups: list[tuple[dict[str, str], set[bool]]] = []
    for one in witnesses:
        if one.agrees is None or not one.told_by:
            continue
        names, said = {name.strip().casefold(): name.strip() for name in one.told_by}, {one.agrees}
        apart = []
        for others, before in groups:
            if names.keys() & others.keys():
                names, said = names | others, said | before
            else:
                apart.append((others, before))
        groups = [*apart, (names, said)]

    def of(side: bool) -> tuple[str, ...]:
        return tuple(sorted(" + ".join(sorted(names.values())) for names, said in groups if said == {side}))

    return Voices(of(True), of(False))
