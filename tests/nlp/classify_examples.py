"""Self-written complaints from pieces, enough of them to train a small model in a second."""

from __future__ import annotations

import random

PLACES = ["大学路", "陇海路", "金水湾小区", "东风街", "和平里", "北关村", "南阳寨", "文化路", "锦绣苑", "老城巷"]
WHEN = ["昨天晚上", "这个月", "从上周开始", "今年三月", "已经半年", "每天早上", "国庆前后", "最近"]
ASKS = ["请尽快处理。", "希望有人来看看。", "请问归哪个部门管?", "打过几次电话都没有结果。", "盼回复。"]
MATTERS = {
    "城市管理/市容/路灯": ["路灯不亮", "路灯坏了三盏", "路灯白天亮夜里灭", "路灯杆歪了", "路灯线路裸露"],
    "城市管理/市容/占道": ["摊贩占道经营", "流动摊贩堵住人行道", "商铺把货摆到盲道上", "夜市摊位占了半条路"],
    "社会保障/工资": [
        "公司拖欠工资",
        "工头欠农民工工资不给",
        "加班费一直没发",
        "老板不签劳动合同",
        "工资卡三个月没进账",
    ],
    "教育/招生": ["孩子上不了小学", "幼儿园乱收费", "学校强制补课", "初中划片不清楚", "老师收补习费"],
}


def examples(each: int = 30, seed: int = 1) -> tuple[list[str], list[str]]:
    """`each` texts for every category."""
    chance = random.Random(seed)
    texts, labels = [], []
    for label, matters in MATTERS.items():
        for _ in range(each):
            texts.append(
                f"{chance.choice(PLACES)}{chance.choice(matters)},{chance.choice(WHEN)}"
                f"{chance.choice(PLACES)}附近{chance.choice(matters)}。{chance.choice(ASKS)}"
            )
            labels.append(label)
    return texts, labels
