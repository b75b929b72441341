-- befit:{g}:limit:<meter>   KEYS[1]
--   A hash: `u:<bucket>` units spent; `w:<writer>` its record, <d turn, d low, d spent, d granted, d at> and the period;
--   `p` the pace.
-- befit:{g}:capacity        KEYS[2], only for the capacity of a queue
--   A hash of queue -> <d number, d free, d at>: what was posted last.
--
-- `lease` takes a writer's word, settles what it spent, grants what it asks for and a lease; writes nothing where it
-- answers {1}, {2} or {3}. Answers one of
--   {0, turn, period, most, granted, reserved, free, used, writers, pace}
--   {1}  the queue's capacity is not known
--   {2}  nothing is known of this writer in this period, though it was answered before
--   {3}  a later call of the writer was answered before
-- `bury` takes a writer out, with what it spent beyond what it had said. {1}, or {0}: it moved since.
-- `post_capacity` answers {1}, or {0}: a later post is known.

local UNITS_PER_LEASE = 4
local SILENT = 30

local function read_writer(packed)
  local turn, low, spent, granted, at = struct.unpack('<ddddd', packed)
  return { turn = turn, low = low, spent = spent, granted = granted, at = at, period = string.sub(packed, 41) }
end

local function pack_writer(own)
  return struct.pack('<ddddd', own.turn, own.low, own.spent, own.granted, own.at) .. own.period
end

-- The numbers in the order of engine/redis/limits.py.
local function read_call(packed)
  local call = {}
  call.turn, call.now, call.most, call.number, call.counted_from, call.forget_before, call.low, call.spent, call.taken,
    call.keep, call.known, call.ask, call.floor_ppm, call.lease, call.least, call.fresh_for =
    struct.unpack('<dddddddddddddddd', packed)
  return call
end

-- The call about the post in force; nil where there is none that is fresh.
local function about_post(call, post)
  if not post then return nil end
  local number, free, at = struct.unpack('<ddd', post)
  if call.now - at > call.fresh_for then return nil end
  call.most, call.number, call.counted_from, call.forget_before = free, number, number, number
  return 'post', 'post:' .. string.format('%.0f', number)
end

-- What the hash says: units used in the buckets that count, units held by others, how many writers there are; and the
-- fields that are over.
local function read_meter(key, call, name, period, writer)
  local meter = { used = 0, held = 0, writers = 1, pace = '', over = {} }
  local fields = redis.call('HGETALL', key)
  for at = 1, #fields, 2 do
    local field, value = fields[at], fields[at + 1]
    local kind = string.sub(field, 1, 2)
    if kind == 'u:' then
      local number = tonumber(string.match(field, ':(%d+)$'))
      if string.sub(field, 3) == name .. ':' .. string.format('%.0f', number) then
        if number >= call.counted_from then meter.used = meter.used + tonumber(value) end
        if number < call.forget_before then table.insert(meter.over, field) end
      end
    elseif field == 'w:' .. writer then
      meter.own = read_writer(value)
    elseif kind == 'w:' then
      local other = read_writer(value)
      if other.period == period then meter.held = meter.held + math.max(0, other.granted - other.spent) end
      if other.at >= call.now - SILENT then meter.writers = meter.writers + 1 end
    elseif field == 'p' then
      meter.pace = value
    end
  end
  return meter
end

-- Grants what is asked for, then a lease; what is left free, and whether the former was granted.
local function grant(call, own, writers, free)
  local reserved = 0
  if call.ask > 0 and free - math.ceil(call.floor_ppm * call.most / 1000000) >= call.ask then
    own.granted, free, reserved = own.granted + call.ask, free - call.ask, 1
    call.taken = call.taken + call.ask
  end
  if call.lease == 1 then
    local available = math.max(0, own.granted - call.taken)
    local share = math.floor((math.max(0, free) + available) / (UNITS_PER_LEASE * writers))
    local more = math.min(share - available, free)
    if share >= call.least and more > 0 then own.granted, free = own.granted + more, free - more end
  end
  return free, reserved
end

register('lease', function(keys, args)
  local writer, period, name, queue, packed, pace_expected, pace_wanted = unpack(args)
  local call = read_call(packed)
  if queue ~= '' then
    local posted_name, posted_period = about_post(call, redis.call('HGET', keys[2], queue))
    if not posted_name then return { 1 } end
    if posted_period ~= period then call.spent, call.taken, call.keep, call.known = 0, 0, -1, 0 end
    name, period = posted_name, posted_period
  end
  local meter = read_meter(keys[1], call, name, period, writer)
  local own = meter.own
  if own and call.turn <= own.turn then return { 3 } end
  if own and own.period ~= period then own = nil end
  if not own and call.known == 1 then return { 2 } end
  own = own or { spent = 0, granted = 0 }
  for _, field in ipairs(meter.over) do redis.call('HDEL', keys[1], field) end
  local more = math.max(0, call.spent - own.spent)
  if more > 0 then
    redis.call('HINCRBY', keys[1], 'u:' .. name .. ':' .. string.format('%.0f', call.number), string.format('%.0f', more))
  end
  own.spent = own.spent + more
  if call.keep >= 0 and call.keep < own.granted then own.granted = math.max(call.keep, own.spent) end
  local used = meter.used + more
  local free = call.most - used - meter.held - math.max(0, own.granted - own.spent)
  local reserved
  free, reserved = grant(call, own, meter.writers, free)
  own.turn, own.low, own.at, own.period = call.turn, call.low, call.now, period
  redis.call('HSET', keys[1], 'w:' .. writer, pack_writer(own))
  if pace_wanted ~= '' and pace_expected == meter.pace then
    redis.call('HSET', keys[1], 'p', pace_wanted)
    meter.pace = pace_wanted
  end
  return { 0, own.turn, period, call.most, own.granted, reserved, free, used, meter.writers, meter.pace }
end)

register('bury', function(keys, args)
  local writer, record = args[1], args[2]
  if redis.call('HGET', keys[1], 'w:' .. writer) ~= record then return { 0 } end
  for at = 3, #args, 2 do redis.call('HINCRBY', keys[1], 'u:' .. args[at], args[at + 1]) end
  redis.call('HDEL', keys[1], 'w:' .. writer)
  return { 1 }
end)

register('post_capacity', function(keys, args)
  local queue, free, at = args[1], tonumber(args[2]), tonumber(args[3])
  local number, known = 0, redis.call('HGET', keys[1], queue)
  if known then
    local before, _, known_at = struct.unpack('<ddd', known)
    if known_at > at then return { 0 } end
    number = before
  end
  redis.call('HSET', keys[1], queue, struct.pack('<ddd', number + 1, free, at))
  return { 1 }
end)
