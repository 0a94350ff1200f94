from nlp.keywords import distinctive, keywords


def test_the_matter_comes_first() -> None:
    found = keywords("大学路的路灯坏了,路灯坏了三天,请修路灯", top=3)
    assert found[0].word == "路灯"
    assert len(found) <= 3


def test_nothing_from_nothing() -> None:
    assert keywords("") == []
    assert distinctive([], []) == []


def test_what_tells_a_set_from_the_rest() -> None:
    background = ["小区停水", "小区停电", "小区电梯坏了", "小区漏水", "小区噪音"] * 3
    inside = ["小区油烟扰民", "楼下油烟很大", "小区油烟"]
    found = distinctive(inside, background)
    assert found[0].word == "油烟"
    assert found[0].texts == 3
    assert "小区" not in {one.word for one in found}


def test_without_background_the_commonest_come_first() -> None:
    assert {one.word for one in distinctive(["路灯坏", "路灯亮", "路灯暗"], [])} == {"路灯"}
