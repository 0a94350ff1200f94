import pytest

from nlp.classify.coldstart import ColdStart
from nlp.classify.subjects import Subjects, shipped_categories, shipped_groups
from nlp.taxonomy import Taxonomy, from_rows

ROWS = [
    {"level1": "城乡建设", "level2": "城市建设和市政管理", "level3": "城市公共设施"},
    {"level1": "劳动和社会保障", "level2": "工资福利", "level3": "工资发放"},
    {"level1": "教育文体", "level2": "教育收费", "level3": "乱收费"},
    {"level1": "商贸旅游", "level2": "市场监管", "level3": "物价监督"},
]


@pytest.fixture(scope="module")
def tree() -> Taxonomy:
    return from_rows(ROWS[0], ROWS)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("大学路口的井盖丢了,路灯也不亮", "城乡建设"),
        ("工头拖欠农民工工资半年不给", "劳动和社会保障"),
        ("小学强制补课还收资料费,家长都有意见", "教育文体"),
        ("超市明码标价和结账不一样,找物价局没人管", "商贸旅游"),
    ],
)
def test_plain_cases_without_any_example(tree: Taxonomy, text: str, label: str) -> None:
    best = ColdStart(tree).classify(text).ranked[0]
    assert best.label == label
    assert best.top_terms
    assert all(term in text for term in best.top_terms)


def test_without_a_known_word_it_abstains(tree: Taxonomy) -> None:
    result = ColdStart(tree).classify("zzz")
    assert result.abstained
    assert {one.probability for one in result.ranked} == {0.25}


def test_a_hotline_inside_a_phone_number_says_nothing(tree: Taxonomy) -> None:
    cold = ColdStart(tree, keywords={"城市公共设施": ["12345"]})
    assert cold.classify("我的号码13812345678").abstained
    assert cold.classify("打12345没人接").ranked[0].label == "城乡建设"


def test_a_tie_is_abstained(tree: Taxonomy) -> None:
    assert ColdStart(tree).classify("农民工的孩子在这里上小学").abstained


def test_an_edited_keyword_takes_effect_at_once(tree: Taxonomy) -> None:
    text = "共享单车乱停乱放"
    assert ColdStart(tree).classify(text).abstained
    taught = ColdStart(tree, keywords={"城市公共设施": ["共享单车", "乱停乱放"]}).classify(text)
    assert taught.ranked[0].label == "城乡建设"
    assert set(taught.ranked[0].top_terms) == {"共享单车", "乱停乱放"}


def test_duties_speak_for_a_label(tree: Taxonomy) -> None:
    duties = {"教育文体": "负责博物馆、纪念馆的开放和讲解"}
    text = "博物馆周一讲解员不在"
    assert ColdStart(tree, duties=duties).classify(text).ranked[0].label == "教育文体"


def test_the_tree_itself_may_carry_keywords() -> None:
    rows = [
        {"level1": "甲类", "keywords": "风筝 陀螺", "description": ""},
        {"level1": "乙类", "keywords": "", "description": "风车的修理"},
    ]
    cold = ColdStart(from_rows(rows[0], rows))
    assert cold.classify("风筝线缠在树上").ranked[0].label == "甲类"
    assert cold.classify("风车不转").ranked[0].label == "乙类"


def test_deeper_levels_are_ranked_by_path(tree: Taxonomy) -> None:
    best = ColdStart(tree, depth=3).classify("公司拖欠工资不发").ranked[0]
    assert best.label == "劳动和社会保障/工资福利/工资发放"


def test_a_tree_with_names_of_its_own_is_understood() -> None:
    rows = [{"level1": name} for name in ("学校和培训", "就业社保", "出行与快递", "医疗健康", "住建类")]
    cold = ColdStart(from_rows(rows[0], rows))
    for text, label in (
        ("班主任周末组织有偿补课", "学校和培训"),
        ("老板不签劳动合同还克扣工资", "就业社保"),
        ("的哥拒载还不打表", "出行与快递"),
        ("手术之后病情反而加重", "医疗健康"),
        ("物业不修路灯,楼道漏水", "住建类"),
    ):
        assert cold.classify(text).ranked[0].label == label, text


def test_what_speaks_for_a_branch_speaks_for_its_leaves(tree: Taxonomy) -> None:
    best = ColdStart(tree, depth=3).classify("高中生的寒假作业").ranked[0]
    assert best.label.startswith("教育文体/")
    assert "作业" in best.top_terms


@pytest.mark.parametrize("words", [shipped_categories(), shipped_groups()])
def test_shipped_lists_are_words(words: dict[str, tuple[str, ...]]) -> None:
    for name, found in words.items():
        assert name.strip() == name
        assert found, name
        assert len(set(found)) == len(found), name


def test_subjects_are_found_in_one_pass() -> None:
    touched = Subjects({"灯": ["路灯", "灯"], "路": ["大路", "路灯"], "钱": ["工资"]}).touched(
        "大路的路灯坏了,工资没发", 5
    )
    assert touched.times == {"灯": 2, "路": 2, "钱": 1}
    assert touched.leading == {"灯", "路"}
    assert sorted(touched.pieces()) == ["^灯", "^路", "灯", "灯", "路", "路", "钱"]
    assert {"灯+路", "灯+钱", "路+钱", "^灯+^路", "^灯+灯"} < set(touched.pairs())
    assert len(touched.pairs()) == 10
