"""The demo city's files are consistent: every code that one file names exists in the file that defines it."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

DATA = Path(__file__).resolve().parents[2] / "directory" / "data"
ROLES = {
    "agent",
    "dispatcher",
    "handler",
    "unit_head",
    "checker",
    "callback_clerk",
    "supervisor",
    "window_clerk",
    "knowledge_editor",
    "auditor",
    "administrator",
}
KINDS = {"consult", "help", "complaint", "report", "opinion", "suggestion", "praise", "other"}
DEPARTMENT_KINDS = {
    "hotline",
    "bureau",
    "district",
    "district_bureau",
    "street",
    "company",
    "police",
    "window",
    "other",
}


def rows(name: str) -> list[dict[str, str]]:
    """All rows of one file, exactly as they stand in it."""
    with (DATA / name).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


REGIONS = {row["code"]: row for row in rows("regions.csv")}
DEPARTMENTS = {row["code"]: row for row in rows("departments.csv")}
CATEGORIES = {row["code"]: row for row in rows("categories.csv")}


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("regions.csv", "code"),
        ("departments.csv", "code"),
        ("departments.csv", "name"),
        ("departments.csv", "phone"),
        ("categories.csv", "code"),
        ("staff.csv", "username"),
        ("staff.csv", "job_number"),
        ("seats.csv", "number"),
    ],
)
def test_keys_are_unique_and_filled(name: str, key: str) -> None:
    values = [row[key] for row in rows(name)]
    assert [value for value, times in Counter(values).items() if times > 1 or not value] == []


@pytest.mark.parametrize("name", sorted(path.name for path in DATA.glob("*.csv")))
def test_cells_carry_no_stray_spaces_and_rows_are_whole(name: str) -> None:
    for row in rows(name):
        assert None not in row and None not in row.values()
        assert all(value == value.strip() for value in row.values()), row


def test_regions_form_a_tree_whose_parents_come_first() -> None:
    expected = {"city": "province", "county": "city", "street": "county"}
    seen: dict[str, str] = {}
    for row in rows("regions.csv"):
        if row["level"] == "province":
            assert row["parent"] == ""
        else:
            assert seen[row["parent"]] == expected[row["level"]]
        seen[row["code"]] = row["level"]


def test_regions_cover_the_province_and_the_demo_city() -> None:
    levels = Counter(row["level"] for row in REGIONS.values())
    assert levels["province"] == 1
    assert levels["city"] == 18
    assert levels["street"] >= 80
    by_law = {code for code, row in REGIONS.items() if row["level"] == "county" and row["note"] == "GB/T 2260"}
    assert by_law == {
        f"4101{number}" for number in ("02", "03", "04", "05", "06", "08", "22", "81", "82", "83", "84", "85")
    }


def test_codes_outside_the_national_standard_say_so() -> None:
    for code, row in REGIONS.items():
        if row["level"] == "county" and row["note"] != "GB/T 2260":
            assert "local code" in row["note"], code
        if row["level"] == "street":
            assert len(code) == 9 and row["note"].startswith("统计用区划代码")


def test_departments_know_their_superior_and_region() -> None:
    for code, row in DEPARTMENTS.items():
        assert row["kind"] in DEPARTMENT_KINDS, code
        assert row["region"] in REGIONS, code
        assert row["superior"] in DEPARTMENTS or code == "CITYGOV", code
        assert row["duties_text"], code


def test_superiors_never_form_a_circle() -> None:
    for start in DEPARTMENTS:
        seen, code = set(), start
        while code:
            assert code not in seen
            seen.add(code)
            code = DEPARTMENTS[code]["superior"]


def test_phones_are_fictional() -> None:
    assert all(row["phone"].startswith("0371-5555") and len(row["phone"]) == 13 for row in DEPARTMENTS.values())


def test_every_kind_of_unit_is_there() -> None:
    kinds = Counter(row["kind"] for row in DEPARTMENTS.values())
    assert kinds["bureau"] >= 35 and kinds["street"] >= 40 and kinds["company"] >= 6
    assert kinds["hotline"] == kinds["police"] == 1
    districts = {code for code, row in REGIONS.items() if row["level"] == "county"}
    assert {row["region"] for row in DEPARTMENTS.values() if row["kind"] == "district"} == districts


def test_the_category_tree_is_three_levels_deep_and_complete() -> None:
    sizes = Counter(len(code) for code in CATEGORIES)
    assert sizes[2] >= 14 and sizes[4] >= 90 and sizes[6] >= 280
    for code, row in CATEGORIES.items():
        depth = len(code) // 2
        names = [row["level1"], row["level2"], row["level3"]]
        assert all(names[:depth]) and not any(names[depth:]), code
        for shorter in range(2, len(code), 2):
            parent = CATEGORIES[code[:shorter]]
            assert parent[f"level{shorter // 2}"] == row[f"level{shorter // 2}"], code


def test_leaf_names_are_unique_and_fit_a_path() -> None:
    leaves = [row["level3"] for row in CATEGORIES.values() if row["level3"]]
    assert len(leaves) == len(set(leaves))
    assert not any("/" in name or len(name) > 30 for name in leaves)


def test_leaves_carry_keywords_for_the_cold_start() -> None:
    for code, row in CATEGORIES.items():
        assert row["default_kind"] in KINDS, code
        assert row["description"], code
        if len(code) == 6:
            words = row["keywords"].split(";")
            assert len(words) >= 4 and len(words) == len(set(words)) and all(words), code


def test_duties_name_known_categories_regions_and_units() -> None:
    seen = set()
    for row in rows("duties.csv"):
        assert row["category_code"] in CATEGORIES
        assert row["region_code"] == "" or row["region_code"] in REGIONS
        assert row["lead"] in DEPARTMENTS
        assists = [code for code in row["assists"].split(";") if code]
        assert set(assists) <= set(DEPARTMENTS)
        assert row["lead"] not in assists
        assert (row["category_code"], row["region_code"]) not in seen
        seen.add((row["category_code"], row["region_code"]))
    assert len(seen) >= 250


def test_every_matter_has_a_unit_somewhere_above_it() -> None:
    city_wide = {row["category_code"] for row in rows("duties.csv") if not row["region_code"]}
    assert {code for code in CATEGORIES if len(code) == 2} <= city_wide


def test_a_local_duty_goes_to_a_unit_of_that_place_or_above() -> None:
    for row in rows("duties.csv"):
        place, unit = row["region_code"], DEPARTMENTS[row["lead"]]["region"]
        above = {""}
        while place:
            above.add(place)
            place = REGIONS[place]["parent"]
        if row["region_code"]:
            assert unit in above, row


def test_staff_hold_known_roles_in_known_units() -> None:
    held = rows("staff.csv")
    for row in held:
        assert row["role"] in ROLES
        assert row["department"] in DEPARTMENTS
        assert row["region"] in REGIONS
    assert {row["role"] for row in held} == ROLES
    handlers = {row["department"] for row in held if row["role"] == "handler"}
    heads = {row["department"] for row in held if row["role"] == "unit_head"}
    assert len(handlers & heads) >= 12


def test_staff_names_are_of_people_who_do_not_share_them() -> None:
    names = [row["name"] for row in rows("staff.csv")]
    assert len(names) == len(set(names))


def test_seats_lie_in_known_regions() -> None:
    assert all(row["region"] in REGIONS and row["skills"] for row in rows("seats.csv"))
