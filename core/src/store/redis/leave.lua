-- KEYS[1]: an owner's index. ARGV: a key that has no record of the owner's; the age in milliseconds from which its entry
-- goes. A younger one may be that of a record on its way.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local entered = redis.call('ZSCORE', KEYS[1], ARGV[1])
if entered and tonumber(entered) < now - tonumber(ARGV[2]) then
  return redis.call('ZREM', KEYS[1], ARGV[1])
end
return 0
