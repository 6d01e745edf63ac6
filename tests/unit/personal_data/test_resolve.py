"""What happens to findings that overlap."""

from functions.domain.personal_data import EntityType, Finding
from functions.domain.personal_data.resolve import merged, without_overlaps

NAME = Finding(0, 10, EntityType.PERSON, 0.8)
MAIL = Finding(4, 8, EntityType.EMAIL_ADDRESS, 1.0)
FIRM = Finding(8, 20, EntityType.ORGANIZATION, 0.6)


def test_the_surest_finding_wins():
    assert without_overlaps([NAME, MAIL], 20) == [MAIL]


def test_of_equally_sure_findings_the_longest_wins():
    longer = NAME._replace(end=12)
    assert without_overlaps([NAME, longer], 20) == [longer]


def test_findings_side_by_side_both_stay_in_the_order_of_the_text():
    behind = NAME._replace(start=10, end=12)
    assert without_overlaps([behind, NAME], 20) == [NAME, behind]


def test_merging_leaves_no_character_uncovered_and_keeps_the_longest_ones_type():
    assert merged([FIRM, NAME]) == [Finding(0, 20, EntityType.ORGANIZATION, 0.6)]
