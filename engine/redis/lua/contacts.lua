-- Packed contacts, 32 bytes each, oldest first; the layout is that of rules/ledger.py:
-- <d at, I action, I decision, H channel, B direction, B outcome, H reason, H flags, d outcome_at>.
-- Packed pauses, 16 bytes each: <I action, I cause, d until>. Touches no keys.

local WIDTH = 32
local PAUSE_WIDTH = 16
local SEEN, SETTLED = 1, 2
local OTHER = 9
local YEAR_10000 = 253402300800

-- How much an outcome says, by its index in OUTCOMES. A weaker one never takes the place of a stronger one; of equally
-- strong ones the later counts, whichever arrives first.
--                 IMPRESSION CLICKED ACCEPTED REJECTED NO_RESPONSE CONVERSION COMPLAINT RATING OTHER
local STRENGTH = { 1,         3,      4,       4,       2,          4,         4,        2,     2 }
STRENGTH[0] = 0

-- Only whole contacts: a torn tail is left out.
local function whole(packed, width)
  packed = packed or ''
  return string.sub(packed, 1, #packed - #packed % width)
end

-- Whether bytes of the ledger are missing, or its first and last time are none; as engine/standing.py sees it. A damaged
-- ledger is never written again: mended in silence it would read as no history, and what it held would be sold anew.
local function damaged(contacts)
  if not contacts or contacts == '' then return false end
  if #contacts % WIDTH ~= 0 then return true end
  local oldest, latest = struct.unpack('<d', contacts), struct.unpack('<d', contacts, #contacts - WIDTH + 1)
  return not (0 < oldest and oldest <= latest and latest < YEAR_10000)
end

-- Whether `member` is one of the `#member`-byte members of `set`; an empty set holds everything.
local function holds(set, member)
  if set == '' or set == member then return true end
  if #set == #member then return false end
  local width, from = #member, 1
  while true do
    local at = string.find(set, member, from, true)
    if not at then return false end
    if (at - 1) % width == 0 then return true end
    from = at + 1
  end
end

-- The newest `length` contacts.
local function newest(contacts, length)
  local excess = #contacts - length * WIDTH
  if excess <= 0 then return contacts end
  return string.sub(contacts, excess + 1)
end

-- The contacts with one more, in the order of time: it comes last unless clocks differ.
local function with_contact(contacts, contact)
  local when, at = struct.unpack('<d', contact), #contacts + 1
  while at > 1 and struct.unpack('<d', contacts, at - WIDTH) > when do at = at - WIDTH end
  if at > #contacts then return contacts .. contact end
  return string.sub(contacts, 1, at - 1) .. contact .. string.sub(contacts, at)
end

-- Where the first contact of `since` or later begins; one past the end where there is none. Contacts are in the order of
-- time, most often with none or few of late, so the last is looked at first.
local function first_since(contacts, since)
  local low, high = 0, #contacts / WIDTH
  local middle = high - 1
  while low < high do
    if struct.unpack('<d', contacts, middle * WIDTH + 1) < since then low = middle + 1 else high = middle end
    middle = math.floor((low + high) / 2)
  end
  return low * WIDTH + 1
end

-- Where in `contacts` the contact of (action, decision) begins, both packed; nil where there is none.
local function position(contacts, action_decision)
  local from = 1
  while true do
    local at = string.find(contacts, action_decision, from, true)
    if not at then return nil end
    if (at - 9) % WIDTH == 0 then return at - 8 end
    from = at + 1
  end
end
