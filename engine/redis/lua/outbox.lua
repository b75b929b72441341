-- befit:{p<nnn>}:m:<tenant>:<customer>
--   A hash of the messages that are to be sent to a customer: <channel> NUL <trigger> NUL <collapse key> NUL <event> ->
--   state (P not decided yet, R to be sent, W taken back) and the packed message.
-- befit:{p<nnn>}:out
--   A sorted set of <subject> NUL <name>, by when something is to be decided or tidied up.
-- befit:{p<nnn>}:out:<channel>
--   The same of those that are decided, by when each may be sent; a message that is gone may still stand here.
--
-- KEYS[1], KEYS[2], KEYS[3] of the functions. `claim` gives a due message of KEYS[2] to one worker for a while:
-- {state and message}, {} where there is none. `keep_message` keeps one as it is now, unless its state changed: {1} or
-- {0}. `drop_message` forgets it and logs what became of it; KEYS[4], KEYS[5] are log and w. `messages` gives all of a
-- customer with their times; `move_message` keeps one that moved here.

local PENDING, READY, TAKEN_BACK, REPLACED = 'P', 'R', 'W', 'S'
local SENDING_LEASE = 60
-- Where a packed message says when its event happened; as engine/triggers/message.py has it.
local STARTED_AT = 4

local function parts_of(name)
  return string.match(name, '^([^%z]*)%z([^%z]*)%z([^%z]*)%z')
end

-- When a message that is taken back is tidied up: one that may be in the hands of a taker when that time is over, since
-- what was sent is not to be told as not sent.
local function tidied_at(work, member, channel, now)
  local held_until = tonumber(redis.call('ZSCORE', work .. ':' .. channel, member) or 0)
  if held_until > tonumber(now) and held_until <= now + SENDING_LEASE then return string.format('%.17g', held_until) end
  return now
end

-- Takes back the messages that `matches` says, as `state`; they are left to be tidied up, and told of in the log.
local function take_back(own, work, subject, now, state, matches)
  for _, name in ipairs(redis.call('HKEYS', own)) do
    local channel, trigger, collapse = parts_of(name)
    local value = redis.call('HGET', own, name)
    local had = string.sub(value, 1, 1)
    if (had == PENDING or had == READY) and matches(trigger, collapse, value) then
      local member = subject .. '\0' .. name
      redis.call('HSET', own, name, state .. string.sub(value, 2))
      redis.call('ZADD', work, had == READY and tidied_at(work, member, channel, now) or now, member)
    end
  end
end

-- What an event takes back of what began before it (<H length> <trigger> each) and starts (<d due, H length, I length> <name> <message> each).
local function run_triggers(own, work, subject, now, packed)
  local place, at = 1, tonumber(packed.at)
  while place <= #packed.withdraws do
    local length, from = struct.unpack('<H', packed.withdraws, place)
    local wanted = string.sub(packed.withdraws, from, from + length - 1)
    place = from + length
    take_back(own, work, subject, now, TAKEN_BACK, function(trigger, _, value)
      return trigger == wanted and cmsgpack.unpack(string.sub(value, 2))[STARTED_AT] <= at
    end)
  end
  place = 1
  while place <= #packed.starts do
    local due, named, length, from = struct.unpack('<dHI', packed.starts, place)
    local name = string.sub(packed.starts, from, from + named - 1)
    local message = string.sub(packed.starts, from + named, from + named + length - 1)
    place = from + named + length
    local _, _, key = parts_of(name)
    take_back(own, work, subject, now, REPLACED, function(_, collapse) return collapse == key end)
    redis.call('HSET', own, name, PENDING .. message)
    redis.call('ZADD', work, string.format('%.17g', due), subject .. '\0' .. name)
  end
end

local function forget_messages(own, work, subject)
  for _, name in ipairs(redis.call('HKEYS', own)) do
    local channel = parts_of(name)
    redis.call('ZREM', work, subject .. '\0' .. name)
    redis.call('ZREM', work .. ':' .. channel, subject .. '\0' .. name)
  end
  redis.call('DEL', own)
end

local function in_state(value, states)
  return value and string.find(states, string.sub(value, 1, 1), 1, true) and true or false
end

register('claim', function(keys, args)
  local member, name, now, until_at, states = unpack(args)
  local due = redis.call('ZSCORE', keys[2], member)
  if not due or tonumber(due) > tonumber(now) then return {} end
  local value = redis.call('HGET', keys[1], name)
  if not in_state(value, states) then
    redis.call('ZREM', keys[2], member)
    return {}
  end
  redis.call('ZADD', keys[2], until_at, member)
  return { value }
end)

register('keep_message', function(keys, args)
  local member, name, states, value, work_at, ready_at = unpack(args)
  if not in_state(redis.call('HGET', keys[1], name), states) then return { 0 } end
  redis.call('HSET', keys[1], name, value)
  redis.call('ZADD', keys[2], work_at, member)
  if ready_at ~= '' then redis.call('ZADD', keys[3], ready_at, member) else redis.call('ZREM', keys[3], member) end
  return { 1 }
end)

register('drop_message', function(keys, args)
  local member, name, states, writer, subject, id, record = unpack(args)
  if not in_state(redis.call('HGET', keys[1], name), states) then return { 0 } end
  redis.call('HDEL', keys[1], name)
  redis.call('ZREM', keys[2], member)
  redis.call('ZREM', keys[3], member)
  append(keys[4], keys[5], writer, { kind = 'push', id = id, subject = subject, body = record })
  return { 1 }
end)

register('messages', function(keys, args)
  local found = {}
  for _, name in ipairs(redis.call('HKEYS', keys[1])) do
    local member, channel = args[1] .. '\0' .. name, parts_of(name)
    found[#found + 1] = { name, redis.call('HGET', keys[1], name), redis.call('ZSCORE', keys[2], member) or '',
      redis.call('ZSCORE', keys[2] .. ':' .. channel, member) or '' }
  end
  return found
end)

register('move_message', function(keys, args)
  local member, name, value, work_at, ready_at = unpack(args)
  if redis.call('HSETNX', keys[1], name, value) == 0 then return { 0 } end
  redis.call('ZADD', keys[2], work_at ~= '' and work_at or 0, member)
  if ready_at ~= '' then redis.call('ZADD', keys[3], ready_at, member) end
  return { 1 }
end)

register('forget_messages', function(keys, args)
  forget_messages(keys[1], keys[2], args[1])
  return { 1 }
end)
