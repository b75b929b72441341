"""Suites: what a company expects of its own policy, written as cases that people read, and run by the live core.

A suite is a file `<anything>_test.yaml`. All of it:

    version: 1
    suite: Customers who want to leave             # what the file is about; the file's name without it
    now: 2026-03-10T14:00:00+01:00                 # when it is, with its zone; a case may have its own
    fixtures: people.yaml                          # a file with `customers` and `moments` that suites share; optional

    customers:                                     # people to meet, by name
      anna:
        features: {relationship_type: postpaid, tenure_months: 30, value_12m: 650, churn_risk: 0.6}
        consent: {app_push: [marketing, service]}  # channel: purposes; or `all`, or `none`
        time_zone: Europe/Berlin
        history:                                   # contacts before the case, and what came of them
          - {ago: 2d, channel: app_push, action: tariff_unlimited, outcome: REJECTED, reason: too_expensive}
          - {ago: 9d, channel: sms, action: phone_middle, outcome: CONVERSION, outcome_ago: 1d}
      anna_in_debt: {like: anna, features: {late_payments_12m: 3, age: null}}      # null = not known

    moments:                                       # how they are met, by name
      leaving: {channel: call_centre, intent: cancel, context: {queue_minutes: 4}}

    cases:
      - name: Whoever wants to leave is kept
        customer: anna                             # a name, or a mapping as above
        moment: leaving                            # likewise
        expect: {tier: relationship_1, route: route_retention}

**Moments** also take `locale`, `placements`, `max_actions`, `exclude` (what is on the page already), `follows`
(`previous`, or the name of an earlier decision of the case: decide again after a rejection), and `store: away` (the
store does not answer). `like` inherits: features, consent and context key by key, everything else as a whole;
a moment with a channel of its own does not inherit `placements`. A customer without features, consent and history is
one of whom nothing is stored.

**Expectations.** A placement by its name: an action that takes the first place, `nothing`, a list that is all of it
in this order, or a mapping of `first`, `exactly`, `order` (they stand there in this order, others may stand between),
`includes`, `cause`, `send_at` (the customer's clock: "08:00", "2026-03-11 08:00", or `at once`) and `blocked_by`.
A placement whose name is one of the words below goes under `placements`.

    tier: relationship_1
    proposed: [data_gift]                          # somewhere in the answer; or with more to say of each:
    proposed: {data_gift: {in: offer, rank: 2, because: HONOURED, reason: {agent: still stands}, content: {say: 10 GB}}}
    not_proposed: {tariff_plus: open_complaint}    # the rule, the stage or the code; a list asks only that it is absent
    not_proposed: {tariff_plus: {stage: contact, rule: open_complaint, reason: {customer: we owe you an answer}}}
    allowed: [tariff_plus]                         # passed every check, whether or not something outranks it
    degraded: [UNKNOWN_CUSTOMER]                   # all codes; `none`

Reasons are told for the customer, the agent and the analyst, and must contain the text; a text alone is the agent's.
MODEL_MISSING counts in `degraded` only where a case names it, so that suites hold with and without a model. A
condition that fails to evaluate fails the case unless `degraded` names CONDITION_ERROR.

**Sequences** have `steps` instead of `moment` and `expect`:

    steps:
      - {decide: at_the_desk, as: call, expect: {offer: tariff_plus}}
      - {outcome: REJECTED, action: tariff_plus, reason: too_expensive}      # of the last decision, or `of: call`
      - {wait: 3d}
      - {change: {features: {open_complaints: 1}}}         # features, consent, time_zone, personalisation: false
      - {decide: in_the_app, expect: {not_proposed: {tariff_plus: too_expensive}}}

**Tables.** `for each` makes a case of every row; `<column>` stands for the row's cell, alone or within a text, also
as a key. A mapping of lists instead of a table means every combination.

      - name: <who> is served by <level>
        for each:
          - [who,   level]
          - [anna,  gold_desk]
          - [berta, standard_service]
        customer: <who>
        moment: leaving
        expect: {service_level: <level>}

**Chance is off**: no exploration, no comparison groups, decision by decision the best. `explore: true` draws as
the server would for a customer of this `id` (a key of the customer; else the customer's name), `group: <id>` puts the
customer into that comparison group. `stopped: [action]` are actions stopped by an operator.

The history is entered through the same commit and feedback as live contacts, so pauses and caps follow from it.
"""
