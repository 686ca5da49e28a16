"""Groups that go on under another id."""

from custom_components.carbis_alerts.api.green_api.messengers import MAX, TELEGRAM
from custom_components.carbis_alerts.domain.groups import Groups

SMALL, SECOND, LARGE = "-68066561", "-68066562", "-1001234567890"


def test_a_group_of_the_same_name_under_a_large_id_may_be_the_same() -> None:
    groups = Groups(TELEGRAM)
    assert groups.before(LARGE, "Кухня") is None
    assert groups.has_new_name(SMALL, "Кухня")
    assert not groups.has_new_name(SMALL, "Кухня")
    assert groups.before(LARGE, "Кухня") == SMALL
    assert groups.before(LARGE, "Бар") is None
    assert groups.before("-68066563", "Кухня") is None
    assert groups.before(None, None) is None
    groups.has_new_name(SECOND, "Кухня")
    assert groups.before(LARGE, "Кухня") is None


def test_where_groups_keep_their_ids_none_is_another() -> None:
    groups = Groups(MAX)
    groups.has_new_name(SMALL, "Кухня")
    assert groups.before(LARGE, "Кухня") is None


def test_names_are_kept_of_groups_that_are_there() -> None:
    groups = Groups(TELEGRAM)
    groups.restore({SMALL: "Кухня", SECOND: 5, "x": "Бар"})
    assert groups.as_dict() == {SMALL: "Кухня"}
    groups.keep([SMALL])
    assert groups.known == [SMALL]
    groups.keep([])
    assert groups.as_dict() == {}
