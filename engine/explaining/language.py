"""What explanations say in each language: plain words, never the names of the machinery."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.explaining.told import ChangeKind


@dataclass(frozen=True, slots=True)
class ExplainingWords:
    """`clauses` by kind of change take `{target}`, `{before}`, `{after}`, `{goal}` and the company's `{customer}`;
    `single` and `several` take them as `{clause}`, `{clauses}`. `raises` and `lowers` take `{meaning}` and `{value}`.
    `inputs` tell what a model's inputs mean that are no features; `fields` what fields of a request are; `under` and
    `over` a number that is the next one below or above `{number}`."""

    clauses: Mapping[ChangeKind, str]
    for_rule: str
    single: str
    several: str
    never: str
    joint: str
    yes: str
    no: str
    unknown: str
    nothing: str
    raises: str
    lowers: str
    inputs: Mapping[str, str]
    fields: Mapping[str, str]
    under: str
    over: str


ENGLISH = ExplainingWords(
    clauses={
        ChangeKind.BOOST: "a manual boost of {after} % for it instead of {before} %",
        ChangeKind.CONTEXT_WEIGHT: "{target} adding {after} % instead of {before} %",
        ChangeKind.VALUE: "a value of {after} for {goal} instead of {before}",
        ChangeKind.THRESHOLD: "a minimum of {after} here instead of {before}",
        ChangeKind.RULE: "rule {target} not holding it back",
        ChangeKind.FEATURE: "{target} being {after} instead of {before}",
        ChangeKind.REQUEST: "{target} being {after} instead of {before}",
        ChangeKind.CONSENT: "the {customer}'s consent to {target}",
        ChangeKind.TIME: "waiting until {after}",
        ChangeKind.STOP: "an operator letting it run again",
        ChangeKind.VALIDITY: "it being valid until after {after}",
        ChangeKind.EXPLORATION: "nothing being tried out here",
        ChangeKind.CONTROL_GROUP: "the {customer} not being in the comparison group {target}",
        ChangeKind.MANDATORY: "it being mandatory as well",
        ChangeKind.LIMIT: "{after} left of {target} instead of {before}",
    },
    for_rule="{clause} (rule {rule})",
    single="It would come first with {clause}.",
    several="No single change would bring it first; it takes all of these: {clauses}.",
    never="No change of a boost, a rule or what is known would have brought it first here.",
    joint="; ",
    yes="yes",
    no="no",
    unknown="unknown",
    nothing="none",
    raises="Speaks for it: {meaning}, here {value}.",
    lowers="Speaks against it: {meaning}, here {value}.",
    inputs={
        "moment.channel": "the channel",
        "moment.direction": "who began the contact",
        "moment.hour": "the hour of the day",
        "moment.weekday": "the day of the week",
        "moment.intent": "what the {customer} is in touch about",
        "action.id": "which action it is",
        "action.kind": "what kind of action it is",
        "action.issue": "what the action is for",
        "action.group": "the group of the action",
        "pair.times_shown": "how often it was shown before",
        "pair.days_since_shown": "days since it was last shown",
        "pair.last_outcome": "what became of it the last time",
        "pair.group_times_shown": "how often its group was shown before",
    },
    fields={
        "channel": "the channel",
        "intent": "what the {customer} is in touch about",
        "placements": "the places asked for",
        "exclude": "what is on the page already",
        "follows_decision_id": "the decision that this one follows",
    },
    under="just under {number}",
    over="just over {number}",
)

CHINESE = ExplainingWords(
    clauses={
        ChangeKind.BOOST: "对它的人工加权为 {after} %（现为 {before} %）",
        ChangeKind.CONTEXT_WEIGHT: "{target} 的加权为 {after} %（现为 {before} %）",
        ChangeKind.VALUE: "它对 {goal} 的价值为 {after}（现为 {before}）",
        ChangeKind.THRESHOLD: "此处的最低要求为 {after}（现为 {before}）",
        ChangeKind.RULE: "规则 {target} 不加限制",
        ChangeKind.FEATURE: "{target} 为 {after}（现为 {before}）",
        ChangeKind.REQUEST: "{target}为 {after}（现为 {before}）",
        ChangeKind.CONSENT: "{customer}同意 {target}",
        ChangeKind.TIME: "等到 {after}",
        ChangeKind.STOP: "管理员重新启用它",
        ChangeKind.VALIDITY: "它在 {after} 之后仍有效",
        ChangeKind.EXPLORATION: "此处不做尝试性展示",
        ChangeKind.CONTROL_GROUP: "{customer}不在对照组 {target} 中",
        ChangeKind.MANDATORY: "它同样是必选内容",
        ChangeKind.LIMIT: "{target} 剩余 {after}（现为 {before}）",
    },
    for_rule="{clause}（规则 {rule}）",
    single="如果{clause}，它就会排在第一。",
    several="没有任何单一改变能让它排在第一；需要同时满足：{clauses}。",
    never="无论改变加权、规则还是已知信息，它在这里都不会排在第一。",
    joint="；",
    yes="是",
    no="否",
    unknown="未知",
    nothing="无",
    raises="支持它的因素：{meaning}，当前为 {value}。",
    lowers="不支持它的因素：{meaning}，当前为 {value}。",
    inputs={
        "moment.channel": "渠道",
        "moment.direction": "由谁发起联系",
        "moment.hour": "一天中的时段",
        "moment.weekday": "星期几",
        "moment.intent": "{customer}联系的事由",
        "action.id": "是哪一项内容",
        "action.kind": "内容的类型",
        "action.issue": "内容的目的",
        "action.group": "内容的分组",
        "pair.times_shown": "此前展示的次数",
        "pair.days_since_shown": "距上次展示的天数",
        "pair.last_outcome": "上次的结果",
        "pair.group_times_shown": "同组内容此前展示的次数",
    },
    fields={
        "channel": "渠道",
        "intent": "{customer}联系的事由",
        "placements": "所请求的位置",
        "exclude": "页面上已有的内容",
        "follows_decision_id": "所承接的决策",
    },
    under="略低于 {number}",
    over="略高于 {number}",
)

WORDS: Mapping[str, ExplainingWords] = {"en": ENGLISH, "zh": CHINESE}
"""By the first part of a locale."""
