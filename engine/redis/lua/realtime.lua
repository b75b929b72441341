-- Field `r` of a customer; the layout is that of engine/events/realtime.py, what changes it engine/events/change.py.
-- Touches no keys but befit:{p<nnn>}:due, a sorted set: <B kind> <subject> NUL <id> by the time at which it falls due.

local ALERTED = 0x80
local THING_OPEN, THING_ENDED, THING_BROKEN = 0, 1, 2
local TURN_OPEN, TURN_BEGIN, TURN_BREAK, TURN_END_ALL = 1, 2, 4, 5
local MOST_THINGS, KEPT_AFTER_END = 64, 30 * 86400

local function new_table() return { order = {}, by = {} } end

local function put(set, key, value)
  if not set.by[key] then set.order[#set.order + 1] = key end
  set.by[key] = value
end

local function drop(set, place)
  set.by[set.order[place]] = nil
  table.remove(set.order, place)
end

local function read_thing(packed, at)
  if #packed < at + 31 then return nil end
  local kind, mark, opened, due, ended, id, text, by, from = struct.unpack('<BBdddHHH', packed, at)
  local over = from + id + text + by
  if #packed < over - 1 or bit.band(mark, 0x7f) > THING_BROKEN then return nil end
  return { kind = kind, state = bit.band(mark, 0x7f), alerted = bit.band(mark, ALERTED) ~= 0, at = opened, due = due,
    ended = ended, id = string.sub(packed, from, from + id - 1), text = string.sub(packed, from + id, from + id + text - 1),
    by = string.sub(packed, from + id + text, over - 1) }, over
end

-- The state; an absent one is empty, nil one that cannot be read.
local function read_realtime(packed)
  local state = { aggregates = new_table(), things = new_table() }
  if not packed or packed == '' then return state end
  if #packed < 8 or string.sub(packed, 1, 4) ~= 'BR\1\0' then return nil end
  local aggregates, things, at = struct.unpack('<HH', packed, 5)
  if #packed < 8 + 28 * aggregates then return nil end
  for _ = 1, aggregates do
    local id, value, as_of, half_life, over = struct.unpack('<Iddd', packed, at)
    put(state.aggregates, id, { value = value, at = as_of, half_life = half_life })
    at = over
  end
  for _ = 1, things do
    local thing, over = read_thing(packed, at)
    if not thing then return nil end
    put(state.things, string.char(thing.kind) .. thing.id, thing)
    at = over
  end
  if at ~= #packed + 1 or #state.aggregates.order ~= aggregates or #state.things.order ~= things then return nil end
  return state
end

local function pack_realtime(state)
  local parts = { 'BR\1\0' .. struct.pack('<HH', #state.aggregates.order, #state.things.order) }
  for _, id in ipairs(state.aggregates.order) do
    local one = state.aggregates.by[id]
    parts[#parts + 1] = struct.pack('<Iddd', id, one.value, one.at, one.half_life)
  end
  for _, key in ipairs(state.things.order) do
    local one = state.things.by[key]
    local mark = one.state + (one.alerted and ALERTED or 0)
    parts[#parts + 1] = struct.pack('<BBdddHHH', one.kind, mark, one.at, one.due, one.ended, #one.id, #one.text, #one.by)
      .. one.id .. one.text .. one.by
  end
  return table.concat(parts)
end

local function decayed(one, now)
  return one.value * 2 ^ (-math.max(now - one.at, 0) / one.half_life)
end

-- Whether it was set: nothing later was said before.
local function set_last(state, id, value, at)
  local held = state.aggregates.by[id]
  if held and at < held.at then return false end
  put(state.aggregates, id, { value = value, at = at, half_life = 0 })
  return true
end

local function add_amount(state, id, value, half_life, at)
  if half_life == 0 then return set_last(state, id, value, at) end
  local held, new = state.aggregates.by[id], { value = value, at = at, half_life = half_life }
  if held then
    local newest = math.max(held.at, at)
    local before = decayed({ value = held.value, at = held.at, half_life = half_life }, newest)
    new = { value = before + decayed(new, newest), at = newest, half_life = half_life }
  end
  put(state.aggregates, id, new)
end

-- The thing after a change; nil = as it was.
local function turned(held, change, at)
  local function moved(state)
    return { kind = held.kind, id = held.id, state = state, at = held.at, due = held.due, ended = at, text = held.text,
      by = held.by, alerted = held.alerted }
  end
  local new = { kind = change.kind, id = change.id, at = at, due = change.due, text = change.text, by = change.by }
  if change.turn == TURN_OPEN or change.turn == TURN_BEGIN then
    if held and (change.turn == TURN_BEGIN or math.max(held.at, held.ended) > at) then return nil end
    new.state, new.ended = THING_OPEN, 0
    return new
  end
  if change.turn == TURN_BREAK then
    new.state, new.due, new.ended = THING_BROKEN, at, at
    if not held then return new end
    if held.at > at or (held.state == THING_ENDED and held.ended >= at) then return nil end
    return moved(THING_BROKEN)
  end
  new.state, new.due, new.ended, new.text, new.by = THING_ENDED, 0, at, '', ''
  if not held then return new end
  if held.at > at or (held.state == THING_BROKEN and held.ended > at) then return nil end
  return moved(THING_ENDED)
end

-- When somebody has to be told of a thing; nil = never, or told already.
local function falls_due(thing)
  if not thing or thing.alerted or thing.state == THING_ENDED then return nil end
  if thing.state == THING_BROKEN then return thing.ended end
  return thing.due > 0 and thing.due or nil
end

local function due_member(subject, key)
  return string.sub(key, 1, 1) .. subject .. '\0' .. string.sub(key, 2)
end

-- Keep the set of what falls due as the thing is now.
local function note_due(due, subject, key, thing)
  local when = falls_due(thing)
  if when then
    redis.call('ZADD', due, when, due_member(subject, key))
  else
    redis.call('ZREM', due, due_member(subject, key))
  end
end

-- Nothing of this state falls due any more.
local function forget_due(due, subject, packed)
  local state = read_realtime(packed)
  for _, key in ipairs(state and state.things.order or {}) do redis.call('ZREM', due, due_member(subject, key)) end
end

local function meant(state, change)
  local own = string.char(change.kind) .. change.id
  if change.turn ~= TURN_END_ALL then return { own } end
  local found = {}
  for _, key in ipairs(state.things.order) do
    if string.sub(key, 1, #own) == own and state.things.by[key].state ~= THING_ENDED then found[#found + 1] = key end
  end
  return found
end

local function turn_things(state, packed, at, due, subject)
  local place = 1
  while place <= #packed do
    local change, id, text, by, from = {}
    change.turn, change.kind, change.due, id, text, by, from = struct.unpack('<BBdHHH', packed, place)
    change.id = string.sub(packed, from, from + id - 1)
    change.text = string.sub(packed, from + id, from + id + text - 1)
    change.by = string.sub(packed, from + id + text, from + id + text + by - 1)
    place = from + id + text + by
    for _, key in ipairs(meant(state, change)) do
      change.id = string.sub(key, 2)
      local thing = turned(state.things.by[key], change, at)
      if thing then
        put(state.things, key, thing)
        note_due(due, subject, key, thing)
      end
    end
  end
end

-- Forget what ended long ago; and beyond 64 things, what ended first, then what was opened first.
local function cut_things(state, now, due, subject)
  for place = #state.things.order, 1, -1 do
    local one = state.things.by[state.things.order[place]]
    if one.state == THING_ENDED and one.ended < now - KEPT_AFTER_END then drop(state.things, place) end
  end
  while #state.things.order > MOST_THINGS do
    local least, rank, when
    for place, key in ipairs(state.things.order) do
      local one = state.things.by[key]
      local its_rank = one.state == THING_ENDED and 0 or 1
      local its_when = its_rank == 0 and one.ended or one.at
      if not least or its_rank < rank or (its_rank == rank and its_when < when) then
        least, rank, when = place, its_rank, its_when
      end
    end
    redis.call('ZREM', due, due_member(subject, state.things.order[least]))
    drop(state.things, least)
  end
end

-- Both states as one; `before` is what of `other` was folded in earlier: it counts once.
local function merge_realtime(own, other, before)
  for _, id in ipairs(other.aggregates.order) do
    local ours, theirs, earlier = own.aggregates.by[id], other.aggregates.by[id], before.aggregates.by[id]
    if not ours or ours.half_life ~= theirs.half_life then
      put(own.aggregates, id, theirs)
    elseif theirs.half_life ~= 0 then
      local at = math.max(ours.at, theirs.at)
      local value = decayed(ours, at) + decayed(theirs, at)
      if earlier and earlier.half_life == ours.half_life then value = value - decayed(earlier, at) end
      put(own.aggregates, id, { value = value, at = at, half_life = ours.half_life })
    elseif theirs.at > ours.at then
      put(own.aggregates, id, theirs)
    end
  end
  for _, key in ipairs(other.things.order) do
    local held, thing = own.things.by[key], other.things.by[key]
    if not held or math.max(thing.at, thing.ended) > math.max(held.at, held.ended) then put(own.things, key, thing) end
  end
  return own
end

-- The packed states as one, damaged if either is; and the state, nil where it is damaged.
local function fold_realtime(own, other, before)
  if own == '' and other == '' then return '', nil end
  local ours, theirs = read_realtime(own), read_realtime(other)
  if not ours then return own, nil end
  if not theirs then return own .. other, nil end
  local merged = merge_realtime(ours, theirs, read_realtime(before) or read_realtime(''))
  return pack_realtime(merged), merged
end
