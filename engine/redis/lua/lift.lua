-- befit:{p<nnn>}:c:<tenant>:<customer>   KEYS[1]
--   The customer's hash: `s` pauses, `l` whom a visitor was merged into.
-- befit:{p<nnn>}:log, befit:{p<nnn>}:w   KEYS[2], KEYS[3]
--
-- Ends the pauses of an action, of a cause, or of both (packed `<I`; '' = any), and logs it if any ended. Pauses that are
-- over are dropped with them; damaged ones stay as they are. Answers {1, lifted}, packed like the pauses, or {4, l}: the
-- visitor was merged into the customer l.

register('lift', function(keys, args)
  local id, action, cause, now, writer, subject, record = unpack(args)
  local held = redis.call('HMGET', keys[1], 's', 'l')
  if held[2] then return { 4, held[2] } end
  local pauses, kept, lifted = held[1] or '', {}, {}
  if #pauses % PAUSE_WIDTH ~= 0 then return { 1, '' } end
  for at = 1, #pauses, PAUSE_WIDTH do
    local entry = string.sub(pauses, at, at + PAUSE_WIDTH - 1)
    local meant = (action == '' or action == string.sub(entry, 1, 4)) and (cause == '' or cause == string.sub(entry, 5, 8))
    if struct.unpack('<d', entry, 9) > tonumber(now) then
      if meant then lifted[#lifted + 1] = entry else kept[#kept + 1] = entry end
    end
  end
  if #lifted > 0 then
    append(keys[2], keys[3], writer, { kind = 'lift', id = id, subject = subject, body = record })
    redis.call('HSET', keys[1], 's', table.concat(kept))
  end
  return { 1, table.concat(lifted) }
end)
