-- befit:{p<nnn>}:d:<decision>
--   A string: one decision as kept for outcomes and repeats, or the mark that it is dead. Layout:
--   <B state, B length> <stream id> <H length> <request key> <H count> <dropped indexes, H each> <slate>.
--
-- befit:{p<nnn>}:q:<tenant>:<customer>:<request>
--   A string: <B length> <digest> <decision id>.

local LIVE, DEAD = 0, 1

local function pack_slate(state, stream_id, request_key, dropped, slate)
  local head = string.char(state, #stream_id) .. stream_id .. struct.pack('<H', #request_key) .. request_key
  return head .. struct.pack('<H', #dropped / 2) .. dropped .. slate
end

-- Returns state, stream id, request key, dropped (packed).
local function unpack_slate(kept)
  local state, length = string.byte(kept, 1, 2)
  local at = 3 + length
  local request_length = struct.unpack('<H', kept, at)
  local dropped_at = at + 2 + request_length
  local dropped = struct.unpack('<H', kept, dropped_at)
  return state, string.sub(kept, 3, at - 1), string.sub(kept, at + 2, dropped_at - 1),
    string.sub(kept, dropped_at + 2, dropped_at + 1 + 2 * dropped)
end

local function decision_of_request(kept)
  return string.sub(kept, 2 + string.byte(kept, 1))
end

-- The key of another decision of the partition that `key`, the key of `decision`, belongs to.
local function sibling(key, decision, other)
  return string.sub(key, 1, #key - #decision) .. other
end
