-- KEYS[1]: an owner's index. ARGV: the score and the key of the last entry that was seen, '' for none; how many to leave
-- out if that entry is gone; how many to answer. Then entries of the same score come first that were seen.
local first = 0
if ARGV[1] ~= '' then
  local score = redis.call('ZSCORE', KEYS[1], ARGV[2])
  if score and tonumber(score) == tonumber(ARGV[1]) then
    first = redis.call('ZRANK', KEYS[1], ARGV[2]) + 1
  else
    first = redis.call('ZCOUNT', KEYS[1], '-inf', '(' .. ARGV[1]) + tonumber(ARGV[3])
  end
end
return redis.call('ZRANGE', KEYS[1], first, first + tonumber(ARGV[4]) - 1, 'WITHSCORES')
