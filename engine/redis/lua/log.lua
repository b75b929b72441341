-- befit:{p<nnn>}:log
--   A stream: what happened in this partition, in order.
--
-- befit:{p<nnn>}:w
--   A hash of writer -> its last sequence number, so that a gap in the log shows.

-- entry: kind, id, subject (tenant NUL customer), body, dropped (packed indexes, '' = none). Returns the stream id.
local function append(log, writers, writer, entry)
  local sequence = redis.call('HINCRBY', writers, writer, 1)
  local fields = { 'k', entry.kind, 'i', entry.id, 'w', writer, 'n', sequence, 'c', entry.subject, 'b', entry.body }
  if entry.dropped and entry.dropped ~= '' then
    fields[13], fields[14] = 'x', entry.dropped
  end
  local appended = redis.pcall('XADD', log, '*', unpack(fields))
  if type(appended) == 'table' and appended.err then
    redis.call('HINCRBY', writers, writer, -1)
    error(appended)
  end
  return appended
end
