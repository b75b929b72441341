-- befit:{p<nnn>}:c:<tenant>:<customer>   KEYS[1]
--   The customer's hash: `k` consent, a JSON object of `consent` and `preferences`, objects, `zone`, text, and
--   `personalisation`, which is false for a customer who opted out.
--
-- Merges what is said now into the record; a record that cannot be read gives way to it. Answers {1}.

local function table_or_nil(json)
  local read, value = pcall(cjson.decode, json)
  if read and type(value) == 'table' then return value end
end

-- The record `under` with what `over` says; both tables.
local function merge_records(under, over)
  local merged = {}
  for _, part in ipairs({ 'consent', 'preferences' }) do
    merged[part] = {}
    for _, said in ipairs({ under, over }) do
      for key, value in pairs(type(said[part]) == 'table' and said[part] or {}) do merged[part][key] = value end
    end
  end
  local zone = over.zone or under.zone
  merged.zone = type(zone) == 'string' and zone or ''
  merged.personalisation = over.personalisation
  if merged.personalisation == nil then merged.personalisation = under.personalisation end
  return merged
end

register('consent', function(keys, args)
  local held, said = redis.call('HGET', keys[1], 'k'), table_or_nil(args[1])
  if not said then return redis.error_reply('ERR the change of consent is no JSON object') end
  redis.call('HSET', keys[1], 'k', cjson.encode(merge_records(held and table_or_nil(held) or {}, said)))
  return { 1 }
end)
