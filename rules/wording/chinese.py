"""Reasons in Chinese."""

from __future__ import annotations

from rules.terms import Reason
from rules.wording.code import Code
from rules.wording.language import Language

_NOT_NOW = "目前暂不提供。"
_NOT_FOR_YOU = "目前暂不适用于您。"
_ALL_WE_KNOW = "我们会根据目前能看到的信息尽力为您服务。"

_SENTENCES = {
    Code.BEST: Reason(
        "我们认为这项现在适合您。",
        "在目前允许的内容中，它最适合这位{customer}。",
        "允许的动作中优先级最高；实际：{observed}",
    ),
    Code.ALSO_FITS: Reason(
        "这项也可能适合您。",
        "也适合这位{customer}，排在前面的内容之后。",
        "允许，优先级低于排在前面的动作；实际：{observed}",
    ),
    Code.HONOURED: Reason(
        "这是我们之前向您提供的，现在仍然有效。",
        "之前已向{customer}提供，现在仍有效{until}，请兑现。",
        "未到期的已提供内容，不受触达上限约束{until}",
    ),
    Code.MANDATORY: Reason("我们希望您了解这一点。", "公司要求在允许时必须展示。", "必选动作：排在其他动作之前"),
    Code.EXPLORED: Reason("您可能会喜欢这项。", "偶尔展示，以了解受欢迎的程度。", "由探索抽中；实际：{observed}"),
    Code.FALLBACK: Reason("我们现在可以这样帮助您。", "这里没有其他允许的内容，因此使用常备内容。", "该位置的兜底动作"),
    Code.STOPPED: Reason(_NOT_NOW, "已对所有人停用。", "已由管理员在所有渠道停用"),
    Code.NOT_VALID: Reason(
        _NOT_NOW,
        "今天不在活动期内：尚未开始或已经结束。",
        "不在有效期内；实际：{observed}，要求：{required}",
    ),
    Code.NO_TREATMENT: Reason("此处暂不提供。", "该渠道不提供这项内容。", "渠道 {observed} 没有对应的展示方案"),
    Code.NOT_TAKEN_HERE: Reason("此处暂不提供。", "该渠道没有放置它的位置。", "所请求的位置都不接受类型 {observed}"),
    Code.LIMIT_REACHED: Reason(
        "目前暂不提供。",
        "目前已没有余量可给这位{customer}。",
        "总量限制 {rule}：剩余 {observed}，要求 {required}",
    ),
    Code.LIMIT_UNKNOWN: Reason(
        "目前暂不提供。",
        "目前不知道还剩多少，因此不作承诺。",
        "总量限制 {rule}：剩余量未知",
    ),
    Code.EXCLUDED: Reason("您已经看到这项内容。", "页面上已经有了。", "请求中已排除"),
    Code.NOT_ELIGIBLE: Reason(
        _NOT_FOR_YOU,
        "不可以向这位{customer}提供。",
        "可否：规则 {rule}；实际：{observed}，要求：{required}",
    ),
    Code.NOT_APPLICABLE: Reason(
        _NOT_NOW,
        "对这位{customer}来说，当下不合适。",
        "当下是否合适：规则 {rule}；实际：{observed}，要求：{required}",
    ),
    Code.NOT_SUITABLE: Reason(
        _NOT_FOR_YOU,
        "对这位{customer}没有益处。",
        "是否有益：规则 {rule}；实际：{observed}，要求：{required}",
    ),
    Code.UNKNOWN_FACT: Reason(
        _NOT_NOW,
        "缺少这位{customer}的必要信息；如有需要请询问。",
        "规则 {rule} 无法判断：{observed} 未知，要求：{required}",
    ),
    Code.CONDITION_ERROR: Reason(
        _NOT_NOW,
        "无法核对，为稳妥起见不予提供。",
        "规则 {rule} 的条件出错：{observed}；要求：{required}",
    ),
    Code.NO_CONSENT: Reason(
        "您尚未同意我们就此通过这里联系您。",
        "这位{customer}未同意通过该渠道接收此类内容。",
        "未获同意；实际：{observed}，要求：{required}",
    ),
    Code.QUIET_HOURS: Reason(
        "这个时段我们不打扰您。",
        "现在是这位{customer}的免打扰时段{until}。",
        "免打扰时段；实际：{observed}，要求：{required}{until}",
    ),
    Code.PAUSED: Reason(
        "这项内容我们暂时不再打扰您。",
        "因{customer}之前的反馈，暂停触达{until}。",
        "由规则 {rule} 暂停触达{until}",
    ),
    Code.CAPPED: Reason(
        "我们最近已经联系过您。",
        "近期联系这位{customer}的次数已经足够。",
        "触达上限 {rule}：实际 {observed}，最多 {required}",
    ),
    Code.COOLING_DOWN: Reason(
        "我们刚刚联系过您。",
        "刚联系过这位{customer}，请间隔一段时间{until}。",
        "由规则 {rule} 间隔触达{until}",
    ),
    Code.SELLING_STOPPED: Reason(
        "我们先处理更要紧的事情。",
        "现在不是推荐的时候，请先处理未了事项。",
        "由规则 {rule} 停止；实际：{observed}，要求：{required}",
    ),
    Code.CONTACTS_UNKNOWN: Reason(
        _NOT_NOW,
        "暂时读不到以往的联系记录，为稳妥起见不做推销。",
        "联系记录或同意记录不可读：停止推销",
    ),
    Code.LOW_CHANCE: Reason("这可能不是您需要的。", "不太可能受欢迎。", "接受可能性：实际 {observed}，要求 {required}"),
    Code.LOW_PRIORITY: Reason(
        "这可能不是您需要的。", "这里有更要紧的内容。", "优先级：实际 {observed}，要求 {required}"
    ),
    Code.WORTH_LESS_THAN_NOTHING: Reason(
        "我们现在不想用这件事打扰您。",
        "现在推荐弊大于利。",
        "优先级：实际 {observed}，要求大于 0",
    ),
    Code.OUTRANKED: Reason(
        "我们认为另一项更适合您。",
        "有更合适的内容。",
        "优先级：实际 {observed}；最后一个位置给了 {required}",
    ),
    Code.BEST_IS_NOTHING: Reason(
        "现在没有需要打扰您的事情。",
        "此时不推荐最好，专心帮助即可。",
        "没有优先级大于 0 的允许动作",
    ),
    Code.NOTHING_DRAWN: Reason(
        "现在没有需要打扰您的事情。",
        "偶尔不作推荐，以了解推荐的作用，专心帮助即可。",
        "探索为此位置抽中了不推荐",
    ),
    Code.NONE_ALLOWED: Reason(
        "目前没有要向您推荐的内容。",
        "目前没有允许向这位{customer}提供的内容。",
        "没有动作通过全部检查",
    ),
    Code.CAP_LOST: Reason(
        "我们最近已经联系过您。",
        "另一个渠道刚刚联系过这位{customer}。",
        "触达上限在此期间被另一次决策用完",
    ),
    Code.CONTROL_GROUP: Reason("目前没有要向您推荐的内容。", "这位{customer}本月属于对照组。", "对照组 {observed}"),
    Code.UNKNOWN_CUSTOMER: Reason("欢迎，很高兴认识您。", "我们还不认识这位{customer}。", "没有已存的资料"),
    Code.STORE_UNAVAILABLE: Reason(
        _ALL_WE_KNOW,
        "暂时读不到这位{customer}的任何资料。信息不全作答。",
        "存储未及时应答",
    ),
    Code.FEATURES_MISSING: Reason(_ALL_WE_KNOW, "目前对这位{customer}所知不多。信息不全作答。", "没有已存的特征"),
    Code.FEATURES_OF_ANOTHER: Reason(
        _ALL_WE_KNOW,
        "存放在这里的资料属于他人，未予使用。",
        "已存特征的校验不符：拒绝使用",
    ),
    Code.SCHEMA_UNKNOWN: Reason(
        _ALL_WE_KNOW,
        "这位{customer}的资料暂时无法解读。信息不全作答。",
        "特征的写入格式未知：仅使用规则",
    ),
    Code.MODEL_MISSING: Reason(_ALL_WE_KNOW, "仅按公司规则作答。", "没有启用的模型：使用初始可能性"),
    Code.COMMIT_UNKNOWN: Reason(
        _ALL_WE_KNOW,
        "不确定这次答复是否已记录；如需推荐请重新提问。",
        "写入未及时应答：本次决策作废",
    ),
    Code.STATE_UNREADABLE: Reason(
        _ALL_WE_KNOW,
        "暂时读不到以往的联系或同意记录，为稳妥起见不做推销。",
        "已存的联系记录或同意记录损坏",
    ),
    Code.DECISION_FAILED: Reason(
        _ALL_WE_KNOW,
        "决策时出现问题，仅显示常备内容。",
        "决策失败：仅兜底动作；详情见服务器日志",
    ),
    Code.PERSONALISATION_OFF: Reason(
        "您要求我们不使用您的个人资料，因此此处未参考您的任何个人信息。",
        "这位{customer}不希望使用其个人资料。作答时未参考任何个人信息。",
        "已关闭个性化：未读取任何个人特征，未使用模型",
    ),
    Code.TIER: Reason(
        "这基于您与{company}的往来。",
        "这基于这位{customer}与{company}的往来。",
        "等级 {observed}：{required}",
    ),
}

CHINESE = Language(
    sentences=_SENTENCES,
    until="，至 {until}",
    not_recorded="无记录",
    words={"customer": "客户", "customers": "客户", "agent": "坐席"},
)
