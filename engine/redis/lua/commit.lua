-- befit:{p<nnn>}:c:<tenant>:<customer>   KEYS[1]
--   The customer's hash: `h` contacts, `s` pauses, `t` tier, `l` whom a visitor was merged into.
-- befit:{p<nnn>}:d:<decision>            KEYS[2]; and the one of an earlier decision, if the request id has one
-- befit:{p<nnn>}:log, befit:{p<nnn>}:w   KEYS[3], KEYS[4]
-- befit:{p<nnn>}:n:<...>, befit:{p<nnn>}:windows, befit:{p<nnn>}:j:<decision>   KEYS[5], KEYS[6], KEYS[7]
--   Windows of answers; see windows.lua.
-- befit:{p<nnn>}:q:<...>:<request>       KEYS[8], only for requests that have an id
--
-- Writes only if the decision is not dead, the request was not answered before, and all claims hold; in take mode the
-- contacts whose claim fails are left out instead. A damaged ledger stays as it is: to a request that has contacts it
-- is a lost claim, and in take mode only those pass that need no claim. Answers one of
--   {0, dropped}  written (also when this very decision was written before)
--   {1, q, d}     the request was answered before; d is '' when that slate is gone
--   {2, h, s}     a claim was lost
--   {3}           the decision is dead
--   {4, l}        the visitor has been merged into the customer l

-- Among the bits of a claim's directions: contacts of the same commit do not count.
local EARLIER_ONLY = 4

-- One claim in the form of engine/claims.py from `at` on, and where the next begins.
local function read_claim(packed, at)
  local claim, channels, actions = {}, 0, 0
  claim.contact, claim.limit, claim.since, claim.release_before, claim.directions, channels, actions, at =
    struct.unpack('<HIddBHH', packed, at)
  local actions_at = at + 2 * channels
  claim.channels = string.sub(packed, at, actions_at - 1)
  claim.actions = string.sub(packed, actions_at, actions_at + 4 * actions - 1)
  return claim, actions_at + 4 * actions
end

-- Whether the contact that begins at `at` counts against the claim; its action and its time are known to.
local function counts(claim, contacts, at)
  if claim.channels ~= '' and not holds(claim.channels, string.sub(contacts, at + 16, at + 17)) then return false end
  local direction, _, _, _, flags = string.byte(contacts, at + 18, at + 22)
  if bit.band(claim.directions, direction == 0 and 1 or 2) == 0 then return false end
  return claim.release_before <= claim.since or bit.band(flags, SEEN) ~= 0
    or struct.unpack('<d', contacts, at) >= claim.release_before
end

-- Whether `limit` contacts from `from` on count against a claim on one action.
local function reached_by_action(claim, contacts, from)
  local found = 0
  while found < claim.limit do
    local at = string.find(contacts, claim.actions, from, true)
    if not at then return false end
    if at % WIDTH == 9 and counts(claim, contacts, at - 8) then found = found + 1 end
    from = at + 1
  end
  return true
end

-- Whether `limit` contacts count against the claim.
local function reached(claim, contacts)
  local from = first_since(contacts, claim.since)
  if #claim.actions == 4 then return reached_by_action(claim, contacts, from) end
  local found = 0
  for at = from, #contacts, WIDTH do
    if found >= claim.limit then return true end
    if holds(claim.actions, string.sub(contacts, at + 8, at + 11)) and counts(claim, contacts, at) then
      found = found + 1
    end
  end
  return found >= claim.limit
end

-- The claims of each contact, by its index.
local function read_claims(packed)
  local of_contact, at = {}, 1
  while at <= #packed do
    local claim
    claim, at = read_claim(packed, at)
    of_contact[claim.contact] = of_contact[claim.contact] or {}
    table.insert(of_contact[claim.contact], claim)
  end
  return of_contact
end

-- Whether the claims hold, given the contacts so far and those of before this commit: some claims count only these.
local function granted(claims, contacts, before)
  for _, claim in ipairs(claims or {}) do
    if reached(claim, bit.band(claim.directions, EARLIER_ONLY) ~= 0 and before or contacts) then return false end
  end
  return true
end

-- The ledger with the new contacts whose claims hold, and the packed indexes of the others.
local function enter(ledger, contacts, packed_claims)
  local claims, dropped, before = read_claims(packed_claims), '', ledger
  for at = 1, #contacts, WIDTH do
    local index = (at - 1) / WIDTH
    if granted(claims[index], ledger, before) then
      ledger = with_contact(ledger, string.sub(contacts, at, at + WIDTH - 1))
    else
      dropped = dropped .. struct.pack('<H', index)
    end
  end
  return ledger, dropped
end

-- The packed indexes of the contacts that need a claim: with a damaged ledger none can hold.
local function claimed(contacts, packed_claims)
  local claims, dropped = read_claims(packed_claims), ''
  for index = 0, #contacts / WIDTH - 1 do
    if claims[index] then dropped = dropped .. struct.pack('<H', index) end
  end
  return dropped
end

-- What was committed before under the same decision or request, as the answer to give; nil if nothing was.
local function committed_before(keys, decision)
  local kept = redis.call('GET', keys[2])
  if kept then
    local state, _, _, dropped = unpack_slate(kept)
    if state == DEAD then return { 3 } end
    return { 0, dropped }
  end
  local request = keys[8] and redis.call('GET', keys[8])
  if request then
    return { 1, request, redis.call('GET', sibling(keys[2], decision, decision_of_request(request))) or '' }
  end
end

register('commit', function(keys, args)
  local decision, writer, subject, digest, contacts, claims, slate, record = unpack(args, 1, 8)
  local tier, take, ledger_length, slate_ttl, request_ttl = unpack(args, 9, 13)
  local windows, note, note_ttl = unpack(args, 14, 16)
  local earlier = committed_before(keys, decision)
  if earlier then return earlier end
  local fields, dropped = {}, ''
  if contacts ~= '' or tier ~= '' then
    local held = redis.call('HMGET', keys[1], 'h', 's', 'l')
    if held[3] then return { 4, held[3] } end
    local ledger, torn = held[1], contacts ~= '' and damaged(held[1])
    if torn then
      dropped = claimed(contacts, claims)
    else
      ledger, dropped = enter(ledger or '', contacts, claims)
    end
    if (torn or dropped ~= '') and take == '0' then return { 2, held[1] or '', held[2] or '' } end
    if contacts ~= '' and not torn then fields = { 'h', newest(ledger, tonumber(ledger_length)) } end
  end
  if tier ~= '' then
    fields[#fields + 1], fields[#fields + 2] = 't', tier
  end
  local stream_id = append(keys[3], keys[4], writer,
    { kind = 'decision', id = decision, subject = subject, body = record, dropped = dropped })
  if #fields > 0 then redis.call('HSET', keys[1], unpack(fields)) end
  redis.call('SET', keys[2], pack_slate(LIVE, stream_id, keys[8] or '', dropped, slate), 'EX', slate_ttl)
  if windows ~= '' then
    local opened = open_windows({ keys[5], keys[6] }, { windows = windows, dropped = dropped }, decision, subject)
    if opened and note ~= '' then
      redis.call('SET', keys[7], pack_slate(LIVE, stream_id, '', dropped, note), 'EX', note_ttl)
    end
  end
  if keys[8] then
    redis.call('SET', keys[8], string.char(#digest) .. digest .. decision, 'EX', request_ttl)
  end
  return { 0, dropped }
end)
