"""Reasons in English."""

from __future__ import annotations

from rules.terms import Reason
from rules.wording.code import Code
from rules.wording.language import Language

_NOT_NOW = "This is not available right now."
_NOT_FOR_YOU = "This is not available for you at the moment."
_ALL_WE_KNOW = "We will gladly help you with what we can see right now."

_SENTENCES = {
    Code.BEST: Reason(
        "We think this suits you right now.",
        "It fits best of all that is allowed for this {customer} now.",
        "Highest priority among the allowed actions; observed {observed}",
    ),
    Code.ALSO_FITS: Reason(
        "This may suit you as well.",
        "It fits well too, after what stands before it.",
        "Allowed, with a lower priority than what stands before it; observed {observed}",
    ),
    Code.HONOURED: Reason(
        "We made you this offer earlier, and it still stands.",
        "This offer was made earlier and still stands{until}. Honour it.",
        "Open offer, exempt from contact limits{until}",
    ),
    Code.MANDATORY: Reason(
        "We would like you to know this.",
        "The company wants this shown whenever it is allowed.",
        "Mandatory action: placed before all others",
    ),
    Code.EXPLORED: Reason(
        "You may like this.",
        "Shown now and then to learn how well it is received.",
        "Drawn by exploration; observed {observed}",
    ),
    Code.FALLBACK: Reason(
        "This is how we can help you now.",
        "Nothing else was allowed here, so this is what always stands ready.",
        "Fallback of the placement",
    ),
    Code.STOPPED: Reason(_NOT_NOW, "This has been stopped for everyone.", "Stopped by an operator in all channels"),
    Code.NOT_VALID: Reason(
        _NOT_NOW,
        "It is not running today: it has not begun, or is over.",
        "Outside its validity; observed {observed}, required {required}",
    ),
    Code.NO_TREATMENT: Reason(
        "This is not available here.",
        "It is not offered over this channel.",
        "No treatment for the channel {observed}",
    ),
    Code.NOT_TAKEN_HERE: Reason(
        "This is not available here.",
        "There is no place for it in this channel.",
        "No requested placement takes its kind {observed}",
    ),
    Code.LIMIT_REACHED: Reason(
        "This is not available at the moment.",
        "There is none of it left for this {customer} right now.",
        "Limit {rule} over all {customers}: observed {observed} left, required {required}",
    ),
    Code.LIMIT_UNKNOWN: Reason(
        "This is not available at the moment.",
        "Nobody knows right now how much of it is left, so it is not promised.",
        "Limit {rule} over all {customers}: what is left is not known",
    ),
    Code.EXCLUDED: Reason(
        "You already have this in front of you.",
        "It is already on the page.",
        "Excluded by the request",
    ),
    Code.NOT_ELIGIBLE: Reason(
        _NOT_FOR_YOU,
        "We may not propose this to this {customer}.",
        "May we: rule {rule}; observed {observed}, required {required}",
    ),
    Code.NOT_APPLICABLE: Reason(
        _NOT_NOW,
        "It makes no sense for this {customer} right now.",
        "Does it make sense now: rule {rule}; observed {observed}, required {required}",
    ),
    Code.NOT_SUITABLE: Reason(
        _NOT_FOR_YOU,
        "It would not be good for this {customer}.",
        "Is it good for them: rule {rule}; observed {observed}, required {required}",
    ),
    Code.UNKNOWN_FACT: Reason(
        _NOT_NOW,
        "Something we would need to know of this {customer} is not known. Ask, if it matters.",
        "Rule {rule} could not be decided: {observed} is unknown, required {required}",
    ),
    Code.CONDITION_ERROR: Reason(
        _NOT_NOW,
        "This could not be checked, so it is left out to be safe.",
        "The condition of rule {rule} failed: {observed}; required {required}",
    ),
    Code.NO_CONSENT: Reason(
        "You have not agreed to be contacted about this here.",
        "The {customer} has not agreed to this over this channel.",
        "No consent; observed {observed}, required {required}",
    ),
    Code.QUIET_HOURS: Reason(
        "We do not disturb you at this time of day.",
        "It is quiet time for this {customer}{until}.",
        "Quiet hours; observed {observed}, required {required}{until}",
    ),
    Code.PAUSED: Reason(
        "We are giving you a rest from this.",
        "It rests after what the {customer} said or did earlier{until}.",
        "Paused by rule {rule}{until}",
    ),
    Code.CAPPED: Reason(
        "We have told you about this recently.",
        "This {customer} has been contacted often enough for now.",
        "Contact limit {rule}: observed {observed}, required at most {required}",
    ),
    Code.COOLING_DOWN: Reason(
        "We have been in touch with you only just now.",
        "This {customer} has just been contacted; leave some time{until}.",
        "Cooling down by rule {rule}{until}",
    ),
    Code.SELLING_STOPPED: Reason(
        "There are more important matters to settle first.",
        "This is not the moment to offer it. Settle what is open first.",
        "Stopped by rule {rule}; observed {observed}, required {required}",
    ),
    Code.CONTACTS_UNKNOWN: Reason(
        _NOT_NOW,
        "Earlier contacts cannot be read right now, so nothing is proposed, to be safe.",
        "Contact history or consent unreadable: nothing is proposed",
    ),
    Code.LOW_CHANCE: Reason(
        "This may not be what you are looking for.",
        "It is unlikely to be welcome.",
        "Chance of acceptance observed {observed}, required {required}",
    ),
    Code.LOW_PRIORITY: Reason(
        "This may not be what you are looking for.",
        "Other things matter more here.",
        "Priority observed {observed}, required {required}",
    ),
    Code.WORTH_LESS_THAN_NOTHING: Reason(
        "We do not want to bother you with this now.",
        "Proposing it now would do more harm than good.",
        "Priority observed {observed}, required above 0",
    ),
    Code.OUTRANKED: Reason(
        "We think something else suits you better.",
        "Something else fits better.",
        "Priority observed {observed}; the last place went to {required}",
    ),
    Code.BEST_IS_NOTHING: Reason(
        "There is nothing we want to bother you with now.",
        "Saying nothing is best here. Just help.",
        "No allowed action has a priority above 0",
    ),
    Code.NOTHING_DRAWN: Reason(
        "There is nothing we want to bother you with now.",
        "Now and then nothing is proposed, to learn what proposing changes. Just help.",
        "Exploration drew nothing for this place",
    ),
    Code.NONE_ALLOWED: Reason(
        "There is nothing to propose right now.",
        "Nothing is allowed here for this {customer} now.",
        "No action passed every check",
    ),
    Code.CAP_LOST: Reason(
        "We have told you about this recently.",
        "Another channel has just contacted this {customer}.",
        "A contact limit was used up by another decision meanwhile",
    ),
    Code.CONTROL_GROUP: Reason(
        "There is nothing to propose right now.",
        "This {customer} is in a comparison group this month.",
        "Comparison group {observed}",
    ),
    Code.UNKNOWN_CUSTOMER: Reason(
        "Welcome. We look forward to getting to know you.",
        "We do not know this {customer} yet.",
        "No stored profile",
    ),
    Code.STORE_UNAVAILABLE: Reason(
        _ALL_WE_KNOW,
        "Nothing about this {customer} can be read right now. Answered with less information.",
        "The store did not answer in time",
    ),
    Code.FEATURES_MISSING: Reason(
        _ALL_WE_KNOW,
        "Little is known of this {customer} right now. Answered with less information.",
        "No stored features",
    ),
    Code.FEATURES_OF_ANOTHER: Reason(
        _ALL_WE_KNOW,
        "What was stored here belongs to someone else and was not used.",
        "The stored features carry another check: refused",
    ),
    Code.SCHEMA_UNKNOWN: Reason(
        _ALL_WE_KNOW,
        "What is stored of this {customer} cannot be read yet. Answered with less information.",
        "Features written under an unknown schema: rules only",
    ),
    Code.MODEL_MISSING: Reason(
        _ALL_WE_KNOW,
        "Answered by the company's rules alone.",
        "No model is active: starting chances are used",
    ),
    Code.COMMIT_UNKNOWN: Reason(
        _ALL_WE_KNOW,
        "It is unclear whether this answer was noted. Repeat the question if you need an offer.",
        "The write did not answer in time: the decision is void",
    ),
    Code.STATE_UNREADABLE: Reason(
        _ALL_WE_KNOW,
        "Earlier contacts or consent cannot be read right now, so nothing is proposed, to be safe.",
        "Stored contact history or consent is damaged",
    ),
    Code.DECISION_FAILED: Reason(
        _ALL_WE_KNOW,
        "Something went wrong while deciding. Only what always stands ready is shown.",
        "The decision failed: fallbacks only; the server's log has the details",
    ),
    Code.PERSONALISATION_OFF: Reason(
        "You asked us not to use what we know of you, so nothing personal was looked at for this.",
        "This {customer} does not want their profile to be used. Answered without looking at anything personal.",
        "Personalisation is off: no personal feature was read, no model asked",
    ),
    Code.TIER: Reason(
        "This is based on your time with {company}.",
        "This is based on the {customer}'s time with {company}.",
        "Tier {observed}: {required}",
    ),
}

ENGLISH = Language(
    sentences=_SENTENCES,
    until=" until {until}",
    not_recorded="not recorded",
    words={"customer": "customer", "customers": "customers", "agent": "agent"},
)
