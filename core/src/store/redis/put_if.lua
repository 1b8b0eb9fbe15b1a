-- KEYS[1]: the record. ARGV: the version that must be there, '' for none; of the new record the version, the value, the
-- owner ('' for none) and the end ('' for none); for how long the server keeps it beyond that, in milliseconds. Answers
-- 1: it is there now, 0: something else is, -1: what is there is no record.
local there = redis.call('HMGET', KEYS[1], 'v', 'o', 'e')
if not there[1] and redis.call('EXISTS', KEYS[1]) == 1 then
  return -1
end
if (there[1] or '') ~= ARGV[1] then
  return 0
end
-- A full server refuses HSET, unless the script has written before: what is there can still be replaced, revoked say.
if there[1] then
  redis.call('PERSIST', KEYS[1])
end
local fields, gone = {'v', ARGV[2], 'd', ARGV[3]}, {}
for position, name in ipairs({'o', 'e'}) do
  local value = ARGV[3 + position]
  if value ~= '' then
    fields[#fields + 1] = name
    fields[#fields + 1] = value
  elseif there[1 + position] then
    gone[#gone + 1] = name
  end
end
redis.call('HSET', KEYS[1], unpack(fields))
if #gone > 0 then
  redis.call('HDEL', KEYS[1], unpack(gone))
end
-- The server's clock only collects. A record that is over when it is written, by a clock that is behind or by the
-- server's being ahead, stays for a while, too.
if ARGV[5] ~= '' then
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  redis.call('PEXPIREAT', KEYS[1], string.format('%.0f', math.max(tonumber(ARGV[5]), now) + tonumber(ARGV[6])))
end
return 1
