-- befit:{g}:parked         KEYS[1]
--   A hash: outcome id -> an outcome whose decision is not known, packed.
-- befit:{g}:parked:due     KEYS[2]
--   A sorted set of those that wait, by when each is tried again.
-- befit:{g}:parked:aside   KEYS[3]
--   A sorted set of those that people have to look at, by when each was put aside.
--
-- `park` keeps one that is not kept yet: {1}, also where it is, or {0} where there are `most` already. `keep` keeps one
-- as it is now, due (when ~= '') or aside; `unpark` keeps it no more. `due_parked` gives those that are due.

register('park', function(keys, args)
  local id, packed, due, most = unpack(args)
  if redis.call('HLEN', keys[1]) >= tonumber(most) then return { redis.call('HEXISTS', keys[1], id) } end
  if redis.call('HSETNX', keys[1], id, packed) == 1 then redis.call('ZADD', keys[2], due, id) end
  return { 1 }
end)

register('keep', function(keys, args)
  local id, packed, due, aside = unpack(args)
  redis.call('HSET', keys[1], id, packed)
  redis.call('ZREM', due ~= '' and keys[3] or keys[2], id)
  redis.call('ZADD', due ~= '' and keys[2] or keys[3], due ~= '' and due or aside, id)
  return { 1 }
end)

register('unpark', function(keys, args)
  redis.call('HDEL', keys[1], args[1])
  redis.call('ZREM', keys[2], args[1])
  redis.call('ZREM', keys[3], args[1])
  return { 1 }
end)

register('due_parked', function(keys, args)
  local ids = redis.call('ZRANGEBYSCORE', keys[2], '-inf', args[1], 'LIMIT', 0, args[2])
  if #ids == 0 then return {} end
  return redis.call('HMGET', keys[1], unpack(ids))
end)
