-- befit:{g}:alerts           KEYS[1]
--   A hash: alert id -> the alert, packed.
-- befit:{g}:alerts:open      KEYS[2]
-- befit:{g}:alerts:resolved  KEYS[3]
--   Sorted sets of ids, by the time at which each was raised, or resolved.
--
-- befit:{g}:alerts:unposted  KEYS[4]
--   A sorted set of the ids of those that are to be posted, by when next.
-- befit:{g}:alerts:tries     KEYS[5]
--   A hash: alert id -> how often it was claimed for posting.
--
-- `alert` keeps an alert unless one of its id is kept: {1} new, {0} kept before. `resolve` replaces an open alert and
-- moves it to the resolved ones: {1}, or {0} where it is not open. Both drop the oldest beyond `most`.
-- `alerts` gives the newest of KEYS[2], `forget` drops those named. `claim_alerts` gives those to be posted, each with
-- its tries, and keeps them from others for a while; `posted` and `postpone` say what became of one.

local function cut(alerts, sorted, most)
  local excess = redis.call('ZCARD', sorted) - tonumber(most)
  if excess <= 0 then return end
  for _, id in ipairs(redis.call('ZRANGE', sorted, 0, excess - 1)) do
    redis.call('HDEL', alerts, id)
    redis.call('ZREM', sorted, id)
  end
end

register('alert', function(keys, args)
  local id, at, packed, most, post = unpack(args)
  if redis.call('HSETNX', keys[1], id, packed) == 0 then return { 0 } end
  redis.call('ZADD', keys[2], at, id)
  if post == '1' then redis.call('ZADD', keys[4], at, id) end
  cut(keys[1], keys[2], most)
  return { 1 }
end)

register('resolve', function(keys, args)
  local id, at, packed, most = unpack(args)
  if redis.call('ZREM', keys[2], id) == 0 then return { 0 } end
  redis.call('HSET', keys[1], id, packed)
  redis.call('ZADD', keys[3], at, id)
  cut(keys[1], keys[3], most)
  return { 1 }
end)

register('alerts', function(keys, args)
  local ids = redis.call('ZREVRANGE', keys[2], 0, tonumber(args[1]) - 1)
  if #ids == 0 then return {} end
  local found = {}
  for from = 1, #ids, 1000 do
    for _, packed in ipairs(redis.call('HMGET', keys[1], unpack(ids, from, math.min(from + 999, #ids)))) do
      found[#found + 1] = packed
    end
  end
  return found
end)

register('forget', function(keys, args)
  for _, id in ipairs(args) do
    redis.call('HDEL', keys[1], id)
    redis.call('ZREM', keys[2], id)
    redis.call('ZREM', keys[3], id)
    redis.call('ZREM', keys[4], id)
    redis.call('HDEL', keys[5], id)
  end
  return { #args }
end)

register('claim_alerts', function(keys, args)
  local now, until_at, most = unpack(args)
  local found = {}
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', keys[4], '-inf', now, 'LIMIT', 0, most)) do
    local packed = redis.call('HGET', keys[1], id)
    if packed then
      redis.call('ZADD', keys[4], until_at, id)
      found[#found + 1] = packed
      found[#found + 1] = redis.call('HINCRBY', keys[5], id, 1)
    else
      redis.call('ZREM', keys[4], id)
      redis.call('HDEL', keys[5], id)
    end
  end
  return found
end)

register('posted', function(keys, args)
  redis.call('ZREM', keys[4], args[1])
  redis.call('HDEL', keys[5], args[1])
  return { 1 }
end)

register('postpone', function(keys, args)
  return { redis.call('ZADD', keys[4], 'XX', 'CH', args[2], args[1]) }
end)
