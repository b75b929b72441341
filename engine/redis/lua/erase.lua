-- befit:{p<nnn>}:c:<tenant>:<customer>   KEYS[1]
-- befit:{p<nnn>}:log, befit:{p<nnn>}:w   KEYS[2], KEYS[3]
-- befit:{p<nnn>}:due                     KEYS[4]
-- befit:{p<nnn>}:n:<...>, befit:{p<nnn>}:windows   KEYS[5], KEYS[6]
-- befit:{p<nnn>}:m:<...>, befit:{p<nnn>}:out   KEYS[7], KEYS[8]
-- befit:{p<nnn>}:d:<decision>            KEYS[9], ...: of the decisions to forget
--   and befit:{p<nnn>}:q:<...>:<request>, the one that each of these slates names
--
-- Removes the customer's hash, what of it falls due, windows, the notes of their decisions, messages, the named entries of the
-- log and the slates, and appends an entry that says which sequence numbers are gone, so that their absence is no loss.

local function forget_answers(own, all, notes, subject)
  for _, member in ipairs(redis.call('ZRANGE', own, 0, -1)) do
    redis.call('DEL', notes .. string.match(member, '^!?([^%z]*)'))
  end
  redis.call('DEL', own)
  redis.call('ZREM', all, subject)
end

register('erase', function(keys, args)
  local subject, id, writer, record, notes = unpack(args, 1, 5)
  forget_answers(keys[5], keys[6], notes, subject)
  forget_messages(keys[7], keys[8], subject)
  forget_due(keys[4], subject, redis.call('HGET', keys[1], 'r'))
  redis.call('DEL', keys[1])
  for at = 9, #keys do
    local kept = redis.call('GET', keys[at])
    local request_key = ''
    if kept then
      local _, _, named = unpack_slate(kept)
      request_key = named
    end
    redis.call('DEL', keys[at])
    if request_key ~= '' then redis.call('DEL', request_key) end
  end
  if #args > 5 then redis.call('XDEL', keys[2], unpack(args, 6)) end
  append(keys[2], keys[3], writer, { kind = 'erase', id = id, subject = subject, body = record })
  return { 1 }
end)
