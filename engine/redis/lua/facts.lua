-- befit:{g}:facts           KEYS[1]
--   A hash: <action> NUL <attribute> -> <d at, d value>.
-- befit:{g}:facts:revision  KEYS[2]
-- befit:{g}:facts:changes   KEYS[3]
--   A stream of every change, its ids being <revision>-0.
--
-- `facts` keeps those of one action that are no older than what is kept. Answers {revision}, or {0}: nothing changed.

register('facts', function(keys, args)
  local action, at, most = args[1], tonumber(args[2]), args[3]
  local revision = 0
  for place = 4, #args, 2 do
    local name, packed = action .. '\0' .. args[place], struct.pack('<dd', at, tonumber(args[place + 1]))
    local held = redis.call('HGET', keys[1], name)
    if held ~= packed and not (held and struct.unpack('<d', held) > at) then
      revision = redis.call('INCR', keys[2])
      redis.call('HSET', keys[1], name, packed)
      redis.call('XADD', keys[3], 'MAXLEN', '~', most, revision .. '-0', 'f', name, 'v', packed)
    end
  end
  return { revision }
end)
