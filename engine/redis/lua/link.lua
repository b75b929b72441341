-- befit:{p<nnn>}:c:<tenant>:<customer>   KEYS[1]: the customer for `fold`, the visitor for `mark`
--   The customer's hash: `h` contacts, `s` pauses, `k` consent, `r` real-time state, `l` whom a visitor was merged
--   into, `a` the visitors that were merged into this customer, JSON, `f:<visitor>` what of whose `r` was folded.
-- befit:{p<nnn>}:due                     KEYS[2]: of the same partition
-- befit:{p<nnn>}:log, befit:{p<nnn>}:w   KEYS[3], KEYS[4], only for `mark`
--
-- `fold` merges what a visitor did into the customer: contacts sorted by time, the longer of two equal pauses, consent
-- where the customer said nothing, real-time state as if all events had been the customer's. Folding twice is folding
-- once. Answers {1} or {4, l}: the customer was merged itself.
--
-- `mark` writes `l` into the visitor, if nothing of what was folded changed since. Answers {1} marked, {4, l} marked
-- before, or {2, h, s, k, r}: what is to be folded now.

local MERGED_ID = 16 -- at, action and decision: the same contact

local function by_time(one, other)
  if one.at == other.at then return one.order < other.order end
  return one.at < other.at
end

-- Both ledgers as one; of a contact in both, the customer's own is kept.
local function merge_contacts(own, others, length)
  local known, all = {}, {}
  local function add(contacts, at)
    all[#all + 1] = { at = struct.unpack('<d', contacts, at), order = #all,
      packed = string.sub(contacts, at, at + WIDTH - 1) }
  end
  for at = 1, #own, WIDTH do
    known[string.sub(own, at, at + MERGED_ID - 1)] = true
    add(own, at)
  end
  for at = 1, #others, WIDTH do
    if not known[string.sub(others, at, at + MERGED_ID - 1)] then add(others, at) end
  end
  table.sort(all, by_time)
  for index, contact in ipairs(all) do all[index] = contact.packed end
  return newest(table.concat(all), length)
end

local function merge_pauses(own, others)
  local merged, known = {}, {}
  for at = 1, #own + #others, PAUSE_WIDTH do
    local entry = string.sub(own .. others, at, at + PAUSE_WIDTH - 1)
    local id = string.sub(entry, 1, 8)
    if not known[id] then
      merged[#merged + 1] = entry
      known[id] = #merged
    elseif struct.unpack('<d', merged[known[id]], 9) < struct.unpack('<d', entry, 9) then
      merged[known[id]] = entry
    end
  end
  return table.concat(merged)
end

-- Both ledgers as one, damaged if either is: what one of them held is not known.
local function fold_contacts(own, others, length)
  if damaged(own) then return own end
  if not damaged(others) then return merge_contacts(own, others, length) end
  return damaged(own .. others) and own .. others or others
end

local function fold_pauses(own, others)
  if #own % PAUSE_WIDTH ~= 0 then return own end
  if #others % PAUSE_WIDTH ~= 0 then return own .. others end
  return merge_pauses(own, others)
end

-- The customer's consent record with what only the visitor said; nil = leave it. A record of the customer that cannot
-- be read is left: it counts as no consent.
local function merge_consent(own, other)
  local said = other and table_or_nil(other)
  if not said then return nil end
  if not own or own == '' then return other end
  local ours = table_or_nil(own)
  if not ours then return nil end
  if ours.zone == '' then ours.zone = nil end
  if said.personalisation == false then ours.personalisation = false end
  return cjson.encode(merge_records(said, ours))
end

local function with_visitor(packed, visitor)
  local visitors = packed and table_or_nil(packed) or {}
  for _, known in ipairs(visitors) do
    if known == visitor then return packed end
  end
  visitors[#visitors + 1] = visitor
  return cjson.encode(visitors)
end

register('fold', function(keys, args)
  local visitor, contacts, pauses, consent, realtime, longest, subject = unpack(args)
  local held = redis.call('HMGET', keys[1], 'h', 's', 'k', 'l', 'a', 'r', 'f:' .. visitor)
  if held[4] then return { 4, held[4] } end
  local fields = { 'a', with_visitor(held[5], visitor), 'h', fold_contacts(held[1] or '', contacts, tonumber(longest)),
    's', fold_pauses(held[2] or '', pauses) }
  local merged = merge_consent(held[3], consent ~= '' and consent)
  if merged then
    fields[7], fields[8] = 'k', merged
  end
  local packed, state = fold_realtime(held[6] or '', realtime, held[7])
  if packed ~= '' then
    for _, said in ipairs({ 'r', packed, 'f:' .. visitor, realtime }) do fields[#fields + 1] = said end
  end
  for _, key in ipairs(state and state.things.order or {}) do note_due(keys[2], subject, key, state.things.by[key]) end
  redis.call('HSET', keys[1], unpack(fields))
  return { 1 }
end)

register('mark', function(keys, args)
  local visitor, customer, contacts, pauses, consent, realtime, writer, subject, record = unpack(args)
  local held = redis.call('HMGET', keys[1], 'h', 's', 'k', 'r', 'l')
  if held[5] then return { 4, held[5] } end
  if (held[1] or '') ~= contacts or (held[2] or '') ~= pauses or (held[3] or '') ~= consent
    or (held[4] or '') ~= realtime then
    return { 2, held[1] or '', held[2] or '', held[3] or '', held[4] or '' }
  end
  forget_due(keys[2], subject, realtime)
  append(keys[3], keys[4], writer, { kind = 'link', id = visitor, subject = subject, body = record })
  redis.call('HDEL', keys[1], 'h', 's', 'k', 'r')
  redis.call('HSET', keys[1], 'l', customer)
  return { 1 }
end)
