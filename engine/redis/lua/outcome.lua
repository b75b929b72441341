-- befit:{p<nnn>}:c:<tenant>:<customer>   KEYS[1]
--   The customer's hash: `h` contacts, `s` pauses, `l` whom a visitor was merged into.
-- befit:{p<nnn>}:o:<tenant>:<outcome>    KEYS[2]
-- befit:{p<nnn>}:log, befit:{p<nnn>}:w   KEYS[3], KEYS[4]
--
-- Enters an outcome once: into its contact, if the ledger still has it, into the pauses, and into the log. A
-- damaged ledger and damaged pauses stay as they are: they stop all selling. Answers
-- {0} entered before, {1} entered, or {4, l}: the visitor was merged into the customer l, where it is to be entered.

-- The contact with the outcome told by `told`, unless it already holds a stronger or a later one.
local function with_outcome(contact, told)
  local action_and_more, outcome, reason, flags, outcome_at = string.sub(contact, 1, 19),
    struct.unpack('<BHHd', contact, 20)
  if told.seen then flags = bit.bor(flags, SEEN) end
  local had, has = STRENGTH[outcome] or 0, STRENGTH[told.outcome] or 0
  if has > had or (has == had and told.at >= outcome_at) then
    outcome, reason, outcome_at = told.outcome, told.reason, told.at
  end
  return action_and_more .. struct.pack('<BHHd', outcome, reason, flags, outcome_at)
end

-- One pause claim in the form of engine/claims.py from `at` on, and where the next begins.
local function read_pause_claim(packed, at)
  local claim, reasons, counted, paused = {}, 0, 0, 0
  claim.cause, claim.times, claim.since, claim.outcomes, claim.until_at, reasons, counted, paused, at =
    struct.unpack('<IHdHdHHH', packed, at)
  local counted_at = at + 2 * reasons
  local paused_at = counted_at + 4 * counted
  claim.reasons = string.sub(packed, at, counted_at - 1)
  claim.counted = string.sub(packed, counted_at, paused_at - 1)
  claim.paused = string.sub(packed, paused_at, paused_at + 4 * paused - 1)
  return claim, paused_at + 4 * paused
end

local function matches(claim, outcome, reason, outcome_at, action)
  return bit.band(claim.outcomes, bit.lshift(1, outcome)) ~= 0 and outcome_at >= claim.since
    and holds(claim.reasons, struct.pack('<H', reason)) and holds(claim.counted, action)
end

-- How many contacts match; the told outcome counts once, even where its contact is gone or holds a stronger one.
local function count_matching(claim, contacts, told, own)
  local found = matches(claim, told.outcome, told.reason, told.at, told.action) and 1 or 0
  for at = 1, #contacts, WIDTH do
    local outcome, reason, _, outcome_at = struct.unpack('<BHHd', contacts, at + 19)
    if outcome ~= 0 and not (at == own and found == 1)
      and matches(claim, outcome, reason, outcome_at, string.sub(contacts, at + 8, at + 11)) then
      found = found + 1
    end
  end
  return found
end

-- The pauses with those of the claim: one entry for each action and cause, the longest; those over by `now` are gone.
local function pause(pauses, claim, now)
  local entries, order = {}, {}
  local function keep(action_cause, until_at)
    if not entries[action_cause] then order[#order + 1] = action_cause end
    entries[action_cause] = math.max(entries[action_cause] or until_at, until_at)
  end
  for at = 1, #pauses, PAUSE_WIDTH do
    local until_at = struct.unpack('<d', pauses, at + 8)
    if until_at > now then keep(string.sub(pauses, at, at + 7), until_at) end
  end
  for at = 1, #claim.paused, 4 do
    keep(string.sub(claim.paused, at, at + 3) .. struct.pack('<I', claim.cause), claim.until_at)
  end
  for index, action_cause in ipairs(order) do
    order[index] = action_cause .. struct.pack('<d', entries[action_cause])
  end
  return table.concat(order)
end

local function pauses_after(pauses, packed_claims, contacts, told, own)
  local at = 1
  while at <= #packed_claims do
    local claim
    claim, at = read_pause_claim(packed_claims, at)
    if count_matching(claim, contacts, told, own) >= claim.times then pauses = pause(pauses, claim, told.at) end
  end
  return pauses
end

-- `told` as engine/redis/store.py packs it: <I action, I decision, B outcome, B seen, H reason, d at>.
local function read_told(packed)
  local outcome, seen, reason, at = struct.unpack('<BBHd', packed, 9)
  return { action_decision = string.sub(packed, 1, 8), action = string.sub(packed, 1, 4),
    outcome = outcome, seen = seen == 1, reason = reason, at = at }
end

register('outcome', function(keys, args)
  local id, packed, packed_claims, writer, subject, record, ttl = unpack(args)
  if redis.call('EXISTS', keys[2]) == 1 then return { 0 } end
  local held = redis.call('HMGET', keys[1], 'h', 's', 'l')
  if held[3] then return { 4, held[3] } end
  local told, contacts, fields = read_told(packed), whole(held[1], WIDTH), {}
  local own = not damaged(held[1]) and position(contacts, told.action_decision)
  if own then
    contacts = string.sub(contacts, 1, own - 1) .. with_outcome(string.sub(contacts, own, own + WIDTH - 1), told)
      .. string.sub(contacts, own + WIDTH)
    fields = { 'h', contacts }
  end
  if packed_claims ~= '' and #(held[2] or '') % PAUSE_WIDTH == 0 then
    fields[#fields + 1] = 's'
    fields[#fields + 1] = pauses_after(held[2] or '', packed_claims, contacts, told, own)
  end
  append(keys[3], keys[4], writer, { kind = 'outcome', id = id, subject = subject, body = record })
  if #fields > 0 then redis.call('HSET', keys[1], unpack(fields)) end
  redis.call('SET', keys[2], '', 'EX', ttl)
  return { 1 }
end)
