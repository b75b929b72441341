-- befit:{g}:in-force             KEYS[1]
--   JSON of engine/activation/in_force.py: InForce.
-- befit:{g}:in-force:next        KEYS[2]
--   The plan that workers make ready for, gone when it is in force.
-- befit:{g}:in-force:history     KEYS[3]
--   A list of all that was in force, the newest last.
--
-- activate: puts a plan in force where what was in force is of the epoch before. Answers 1, or 0 where it is not.

register('activate', function(keys, args)
  local epoch, plan, most = tonumber(args[1]), args[2], tonumber(args[3])
  local current = redis.call('GET', keys[1])
  local before = 0
  if current then before = cjson.decode(current)['epoch'] end
  if before ~= epoch - 1 then return 0 end
  redis.call('SET', keys[1], plan)
  redis.call('DEL', keys[2])
  redis.call('RPUSH', keys[3], plan)
  redis.call('LTRIM', keys[3], -most, -1)
  return 1
end)

-- befit:{g}:activating           KEYS[1]
--   Who changes what is in force just now.
-- befit:{g}:in-force:next        KEYS[2]
--
-- end_activation: lets others change it, where it is still the holder's turn. Answers 1 or 0.

register('end_activation', function(keys, args)
  if redis.call('GET', keys[1]) ~= args[1] then return 0 end
  redis.call('DEL', keys[1], keys[2])
  return 1
end)
