-- befit:{p<nnn>}:n:<tenant>:<customer>
--   A sorted set of the windows in which an answer of the customer counts: <decision> NUL <action>, by when each closes
--   (s). One that closed without an answer is kept for a while, with `!` before it, so that a late answer is known as
--   one.
--
-- befit:{p<nnn>}:windows
--   A sorted set of customers (tenant NUL customer), by when something of the above is due; it may be due earlier.
--
-- befit:{p<nnn>}:j:<decision>
--   What was offered, without factors, in the form of a slate: for outcomes that come when the slate is gone already.
--
-- `settle_window` is called when a due one was looked at: KEYS[1] the customer's, KEYS[2] all; '' only puts right when
-- the next is due. Answers {1}.

local function due_next(own, all, subject)
  local first = redis.call('ZRANGE', own, 0, 0, 'WITHSCORES')
  if first[2] then redis.call('ZADD', all, first[2], subject) else redis.call('ZREM', all, subject) end
end

-- keys: the customer's windows, all, the note. contacts: the packed windows of all contacts, <d closes, H length> and the
-- action's name each (0 = it has none), and the packed indexes of those that were not granted.
local function open_windows(keys, contacts, decision, subject)
  local place, index, earliest, opened = 1, 0, math.huge, {}
  while place <= #contacts.windows do
    local closes, length, from = struct.unpack('<dH', contacts.windows, place)
    place = from + length
    if closes > 0 and (contacts.dropped == '' or not holds(contacts.dropped, struct.pack('<H', index))) then
      opened[#opened + 1] = string.format('%.17g', closes)
      opened[#opened + 1] = decision .. '\0' .. string.sub(contacts.windows, from, place - 1)
      earliest = math.min(earliest, closes)
    end
    index = index + 1
  end
  if #opened == 0 then return false end
  redis.call('ZADD', keys[1], unpack(opened))
  redis.call('ZADD', keys[2], 'LT', string.format('%.17g', earliest), subject)
  return true
end

-- What an outcome makes of a window: whether it may be entered, and whether it comes after one that told of the end.
-- window: member ('' = it is about none), ends (the outcome tells of its end), grace, moved (the customer is elsewhere).
local function close_window(own, window)
  local member = window.member
  if member == '' then return true, false end
  local closes = redis.call('ZSCORE', own, member)
  if window.ends then
    if closes and not window.moved then
      redis.call('ZREM', own, member)
      redis.call('ZADD', own, string.format('%.17g', tonumber(closes) + window.grace), '!' .. member)
    end
    return closes and true or false, false
  end
  if closes then redis.call('ZREM', own, member) end
  if window.moved then return true, redis.call('ZSCORE', own, '!' .. member) and true or false end
  return true, redis.call('ZREM', own, '!' .. member) == 1
end

-- The windows of a decision that never was.
local function forget_windows(own, all, decision, subject)
  for _, member in ipairs(redis.call('ZRANGE', own, 0, -1)) do
    if string.find(member, decision, 1, true) then redis.call('ZREM', own, member) end
  end
  due_next(own, all, subject)
end

register('settle_window', function(keys, args)
  local subject, member, grace = unpack(args)
  local closes = member ~= '' and redis.call('ZSCORE', keys[1], member)
  if closes then
    redis.call('ZREM', keys[1], member)
    if string.sub(member, 1, 1) ~= '!' then
      redis.call('ZADD', keys[1], string.format('%.17g', tonumber(closes) + grace), '!' .. member)
    end
  end
  due_next(keys[1], keys[2], subject)
  return { 1 }
end)
