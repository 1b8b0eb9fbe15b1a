-- KEYS[1]: the record. ARGV: the version that it must have. Answers 1: removed, 0: not, -1: what is there is no record.
local version = redis.call('HGET', KEYS[1], 'v')
if version == ARGV[1] then
  return redis.call('DEL', KEYS[1])
end
if not version and redis.call('EXISTS', KEYS[1]) == 1 then
  return -1
end
return 0
