-- befit:{p<nnn>}:c:<tenant>:<customer>   KEYS[1]
--   The customer's hash: `r` real-time state, `k` consent, `l` whom a visitor was merged into.
-- befit:{p<nnn>}:e:<tenant>:<event>      KEYS[2]
-- befit:{p<nnn>}:log, befit:{p<nnn>}:w   KEYS[3], KEYS[4]
-- befit:{p<nnn>}:due                     KEYS[5]
-- befit:{p<nnn>}:m:<...>, befit:{p<nnn>}:out   KEYS[6], KEYS[7]
--   Messages to be sent; see outbox.lua.
--
-- `event` enters an event once: into the real-time state, the consent record, and the log. A damaged state stays as it
-- is: it stops all selling; consent is obeyed all the same. Answers {0} entered before, {1} entered, or {4, l}: the
-- visitor was merged into the customer l, where it is to be entered.
--
-- `note` logs an event that is about no customer, once; KEYS[1..3] are its mark, log and w. Answers {0} or {1}.
--
-- `settle` says that somebody was told of a thing that fell due: KEYS[1] the customer's hash, KEYS[2] due. It changes
-- nothing where the thing falls due at another time by now. Answers {1}.
--
-- `lead` gives KEYS[1], befit:{g}:sweeper, to one writer for some milliseconds: {1} it is this one, {0} another.

local function changed_consents(state, packed, at)
  local news, place, any = {}, 1, false
  while place <= #packed do
    local id, given, length, from = struct.unpack('<IBH', packed, place)
    local key = string.sub(packed, from, from + length - 1)
    place = from + length
    if not state or set_last(state, id, given, at) then
      news[key], any = given == 1, true
    end
  end
  return any and { consent = news }
end

local function changed_state(state, changes, times, due, subject)
  local place = 1
  while place <= #changes.amounts do
    local id, value, half_life, from = struct.unpack('<Idd', changes.amounts, place)
    add_amount(state, id, value, half_life, times.at)
    place = from
  end
  local said = changed_consents(state, changes.consents, times.at)
  turn_things(state, changes.things, times.at, due, subject)
  cut_things(state, times.now, due, subject)
  return said
end

register('event', function(keys, args)
  local id, at, now, amounts, things, consents, writer, subject, record, ttl = unpack(args, 1, 10)
  if redis.call('EXISTS', keys[2]) == 1 then return { 0 } end
  local held = redis.call('HMGET', keys[1], 'r', 'k', 'l')
  if held[3] then return { 4, held[3] } end
  local changes = { amounts = amounts, things = things, consents = consents }
  local fields, said = {}, nil
  append(keys[3], keys[4], writer, { kind = 'event', id = id, subject = subject, body = record })
  if #amounts + #things + #consents > 0 then
    local state, times = read_realtime(held[1]), { at = tonumber(at), now = tonumber(now) }
    if state then
      said = changed_state(state, changes, times, keys[5], subject)
      fields = { 'r', pack_realtime(state) }
    else
      said = changed_consents(nil, consents, times.at)
    end
  end
  if said then
    fields[#fields + 1] = 'k'
    fields[#fields + 1] = cjson.encode(merge_records(held[2] and table_or_nil(held[2]) or {}, said))
  end
  if #fields > 0 then redis.call('HSET', keys[1], unpack(fields)) end
  run_triggers(keys[6], keys[7], subject, now, { at = at, withdraws = args[11], starts = args[12] })
  redis.call('SET', keys[2], '', 'EX', ttl)
  return { 1 }
end)

register('note', function(keys, args)
  local id, writer, subject, record, ttl = unpack(args)
  if redis.call('EXISTS', keys[1]) == 1 then return { 0 } end
  append(keys[2], keys[3], writer, { kind = 'event', id = id, subject = subject, body = record })
  redis.call('SET', keys[1], '', 'EX', ttl)
  return { 1 }
end)

register('settle', function(keys, args)
  local subject, key, when = args[1], args[2], tonumber(args[3])
  local state = read_realtime(redis.call('HGET', keys[1], 'r'))
  local thing = state and state.things.by[key]
  local falls = falls_due(thing)
  if falls and falls ~= when then return { 1 } end
  if falls then
    thing.alerted = true
    redis.call('HSET', keys[1], 'r', pack_realtime(state))
  end
  redis.call('ZREM', keys[2], due_member(subject, key))
  return { 1 }
end)

register('lead', function(keys, args)
  local held = redis.call('GET', keys[1])
  if held and held ~= args[1] then return { 0 } end
  redis.call('SET', keys[1], args[1], 'PX', args[2])
  return { 1 }
end)
