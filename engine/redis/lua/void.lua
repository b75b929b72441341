-- befit:{p<nnn>}:c:<tenant>:<customer>   KEYS[1]
--   The customer's hash: `h` contacts, `l` whom a visitor was merged into.
-- befit:{p<nnn>}:d:<decision>            KEYS[2]
-- befit:{p<nnn>}:log, befit:{p<nnn>}:w   KEYS[3], KEYS[4]
-- befit:{p<nnn>}:n:<...>, befit:{p<nnn>}:windows, befit:{p<nnn>}:j:<decision>   KEYS[5], KEYS[6], KEYS[7]
-- befit:{p<nnn>}:q:<...>:<request>       the one that the slate names, if it still means this decision
--
-- Takes the decision's contacts out of the ledger and marks its id dead, so that a commit which arrives later writes
-- nothing. Harmless when repeated. Answers {1} or {4, l}: the contacts moved on to the customer l.

-- `decision` packed as in a contact.
local function without(contacts, decision)
  local left = {}
  for at = 1, #contacts, WIDTH do
    if string.sub(contacts, at + 12, at + 15) ~= decision then
      left[#left + 1] = string.sub(contacts, at, at + WIDTH - 1)
    end
  end
  return table.concat(left)
end

register('void', function(keys, args)
  local decision, packed_decision, writer, subject, slate_ttl = unpack(args)
  local held = redis.call('HMGET', keys[1], 'h', 'l')
  local kept = redis.call('GET', keys[2])
  local state, stream_id, request_key = DEAD + 1, '', ''
  if kept then state, stream_id, request_key = unpack_slate(kept) end
  if state ~= DEAD then
    append(keys[3], keys[4], writer, { kind = 'void', id = decision, subject = subject, body = '' })
  end
  redis.call('SET', keys[2], pack_slate(DEAD, stream_id, '', '', ''), 'EX', slate_ttl)
  if request_key ~= '' then
    local request = redis.call('GET', request_key)
    if request and decision_of_request(request) == decision then redis.call('DEL', request_key) end
  end
  if held[1] and not damaged(held[1]) and string.find(held[1], packed_decision, 1, true) then
    redis.call('HSET', keys[1], 'h', without(held[1], packed_decision))
  end
  forget_windows(keys[5], keys[6], decision, subject)
  redis.call('DEL', keys[7])
  if held[2] then return { 4, held[2] } end
  return { 1 }
end)
