-- befit:{p<nnn>}:c:<tenant>:<customer>   KEYS[1]
--   The customer's hash: `h` contacts, `s` pauses, `l` whom a visitor was merged into.
-- befit:{p<nnn>}:o:<tenant>:<outcome>    KEYS[2]
-- befit:{p<nnn>}:log, befit:{p<nnn>}:w   KEYS[3], KEYS[4]
-- befit:{p<nnn>}:n:<tenant>:<customer>   KEYS[5]
--   The customer's open windows; see windows.lua.
--
-- `outcome` enters an outcome once: into its contact, if the ledger still has it, into the pauses, and into the log. A
-- damaged ledger and damaged pauses stay as they are: they stop all selling. A final one closes its window; one that
-- tells of the window's end is entered only while it is open; one that comes after the latter is logged as `correcting`
-- says. Answers {0} entered before, or the window is closed; {1} entered; or {4, l, c}: the visitor was merged into the
-- customer l, where it is to be entered; c = 1: as `correcting`.
--
-- `settle_contact` marks a contact whose complaint was put right; KEYS[1] as above. Answers {1}, {0} where there is
-- none, or {4, l}.
--
-- `late_outcome` logs one whose decision is past remembering, once; KEYS[1..3] are its mark, log and w. Answers {0} or {1}.

-- The contact with the outcome told by `told`, unless it already holds a stronger or a later one.
local function with_outcome(contact, told)
  local action_and_more, outcome, reason, flags, outcome_at = string.sub(contact, 1, 19),
    struct.unpack('<BHHd', contact, 20)
  if told.seen then flags = bit.bor(flags, SEEN) end
  local had, has = STRENGTH[outcome] or 0, STRENGTH[told.outcome] or 0
  if has > had or (has == had and told.at >= outcome_at) then
    outcome, reason, outcome_at = told.outcome, told.reason, told.at
    flags = bit.bor(bit.band(flags, SEEN), told.own * 4)
  end
  return action_and_more .. struct.pack('<BHHd', outcome, reason, flags, outcome_at)
end

-- One pause claim in the form of engine/claims.py from `at` on, and where the next begins.
local function read_pause_claim(packed, at)
  local claim, reasons, counted, paused, own = {}, 0, 0, 0, 0
  claim.cause, claim.times, claim.since, claim.outcomes, claim.until_at, reasons, counted, paused, own, at =
    struct.unpack('<IHdHdHHHH', packed, at)
  local own_at = at + 2 * reasons
  local counted_at = own_at + 2 * own
  local paused_at = counted_at + 4 * counted
  claim.reasons = string.sub(packed, at, own_at - 1)
  claim.own = string.sub(packed, own_at, counted_at - 1)
  claim.counted = string.sub(packed, counted_at, paused_at - 1)
  claim.paused = string.sub(packed, paused_at, paused_at + 4 * paused - 1)
  return claim, paused_at + 4 * paused
end

-- Whether the claim follows a type; `own` is the number of one of the policy's own.
local function follows(claim, outcome, own)
  if bit.band(claim.outcomes, bit.lshift(1, outcome)) ~= 0 then return true end
  return outcome == OTHER and claim.own ~= '' and holds(claim.own, struct.pack('<H', own))
end

local function matches(claim, outcome, own, reason, outcome_at, action)
  return follows(claim, outcome, own) and outcome_at >= claim.since
    and holds(claim.reasons, struct.pack('<H', reason)) and holds(claim.counted, action)
end

-- How many contacts match; the told outcome counts once, even where its contact is gone or holds a stronger one.
local function count_matching(claim, contacts, told, own)
  local found = matches(claim, told.outcome, told.own, told.reason, told.at, told.action) and 1 or 0
  for at = 1, #contacts, WIDTH do
    local outcome, reason, flags, outcome_at = struct.unpack('<BHHd', contacts, at + 19)
    if outcome ~= 0 and not (at == own and found == 1)
      and matches(claim, outcome, bit.rshift(flags, 2), reason, outcome_at, string.sub(contacts, at + 8, at + 11)) then
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

-- `told` as engine/redis/outcomes.py packs it: <I action, I decision, B outcome, B seen, H reason, H own, d at>.
local function read_told(packed)
  local outcome, seen, reason, own, at = struct.unpack('<BBHHd', packed, 9)
  return { action_decision = string.sub(packed, 1, 8), action = string.sub(packed, 1, 4),
    outcome = outcome, seen = seen == 1, reason = reason, own = own, at = at }
end

register('outcome', function(keys, args)
  local id, packed, packed_claims, writer, subject, record, ttl = unpack(args, 1, 7)
  local window, ends, grace, correcting = unpack(args, 8)
  if redis.call('EXISTS', keys[2]) == 1 then return { 0 } end
  local held = redis.call('HMGET', keys[1], 'h', 's', 'l')
  local open, late = close_window(keys[5], { member = window, ends = ends == '1', grace = grace, moved = held[3] })
  if not open then return { 0 } end
  if held[3] then return { 4, held[3], late and 1 or 0 } end
  if late and correcting ~= '' then record = correcting end
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

register('settle_contact', function(keys, args)
  local held = redis.call('HMGET', keys[1], 'h', 'l')
  if held[2] then return { 4, held[2] } end
  local at = held[1] and not damaged(held[1]) and position(held[1], args[1])
  if not at then return { 0 } end
  local flags = bit.bor(struct.unpack('<H', held[1], at + 22), SETTLED)
  redis.call('HSET', keys[1], 'h', string.sub(held[1], 1, at + 21) .. struct.pack('<H', flags) .. string.sub(held[1], at + 24))
  return { 1 }
end)

register('late_outcome', function(keys, args)
  local id, writer, subject, record, ttl = unpack(args)
  if redis.call('EXISTS', keys[1]) == 1 then return { 0 } end
  append(keys[2], keys[3], writer, { kind = 'outcome', id = id, subject = subject, body = record })
  redis.call('SET', keys[1], '', 'EX', ttl)
  return { 1 }
end)
