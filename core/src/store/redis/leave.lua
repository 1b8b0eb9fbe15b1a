-- KEYS[1]: an owner's index. ARGV: the age in milliseconds from which an entry goes; keys that have no record of the
-- owner's. A younger one may be that of a record on its way. Answers how many it has taken out.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local gone = 0
for position = 2, #ARGV do
  local entered = redis.call('ZSCORE', KEYS[1], ARGV[position])
  if entered and tonumber(entered) < now - tonumber(ARGV[1]) then
    gone = gone + redis.call('ZREM', KEYS[1], ARGV[position])
  end
end
return gone
