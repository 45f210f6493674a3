"""An outcome may be wanted: a renewal is good, and its absence is what retention looks at."""

import pytest

from harken.listen.mapping.model import OutcomePart
from harken.listen.mapping.parsing import parse
from harken.vocabulary.errors import SettingsError

TEXT = """
[mapping]
version = 1
source = "shop"
[[file]]
name = "renewals.csv"
person = "id"
[[file.outcomes]]
outcome = "renewal"
value = "renewed"
good = {good}
"""


def part(good: str) -> OutcomePart:
    (only,) = parse(TEXT.format(good=good)).files[0].parts
    assert isinstance(only, OutcomePart)
    return only


def test_good_is_read():
    assert part("true").good
    assert not part("false").good


def test_good_is_true_or_false():
    with pytest.raises(SettingsError, match="true or false"):
        part('"yes"')
