-- KEYS[1]: an owner's index. ARGV: a key that a record is about to get; the age in milliseconds from which an entry, left
-- by another record, is made young again. One that is younger stays where it is, so that a listing meets it once.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local entered = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not entered or tonumber(entered) < now - tonumber(ARGV[2]) then
  redis.call('ZADD', KEYS[1], string.format('%.0f', now), ARGV[1])
end
return 1
