-- KEYS[1]: an owner's index. ARGV: the score and the key of the last entry that was seen, '' for none; how many to leave
-- out if that entry is gone; how many to answer. Then entries of the same score come first that were seen. What can be no
-- entry, because somebody else has put it there, is taken out: it must not hide the others.
local first = 0
if ARGV[1] ~= '' then
  local score = redis.call('ZSCORE', KEYS[1], ARGV[2])
  if score and tonumber(score) == tonumber(ARGV[1]) then
    first = redis.call('ZRANK', KEYS[1], ARGV[2]) + 1
  else
    first = redis.call('ZCOUNT', KEYS[1], '-inf', '(' .. ARGV[1]) + tonumber(ARGV[3])
  end
end
local wanted = 2 * tonumber(ARGV[4])
local found, wrong = {}, {}
repeat
  local missing = wanted - #found
  local part = redis.call('ZRANGE', KEYS[1], first, first + missing / 2 - 1, 'WITHSCORES')
  for position = 1, #part, 2 do
    local key, score = part[position], part[position + 1]
    if #key <= 256 and key:find('^[!-~]+$') and score:find('^%d+$') and tonumber(score) < 2 ^ 53 then
      found[#found + 1] = key
      found[#found + 1] = score
    else
      wrong[#wrong + 1] = key
    end
  end
  first = first + missing / 2
until #found == wanted or #part < missing
for _, key in ipairs(wrong) do
  redis.call('ZREM', KEYS[1], key)
end
return found
