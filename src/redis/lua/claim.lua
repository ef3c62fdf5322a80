-- Notes in which partition symbols trade, and tells those that have lately traded in another one.
--
-- KEYS: places (docs/checkpoint-layout.md)
-- ARGV: 1 partition, 2 period, 3 TTL (ms), 4 how many symbols are remembered at most; then the symbols
-- Returns symbols and partitions in turn.
local places, partition, period = KEYS[1], ARGV[1], tonumber(ARGV[2])

if redis.call('HLEN', places) > tonumber(ARGV[4]) then
  redis.call('DEL', places)
end

local split = {}
for at = 5, #ARGV do
  local known = redis.call('HMGET', places, ARGV[at])[1]
  local known_partition, known_period
  if known then
    known_partition, known_period = string.match(known, '^(%d+) (%d+)$')
  end
  if known_partition and known_partition ~= partition and tonumber(known_period) >= period - 1 then
    split[#split + 1] = ARGV[at]
    split[#split + 1] = known_partition
  elseif known_partition ~= partition or tonumber(known_period) ~= period then
    redis.call('HSET', places, ARGV[at], partition .. ' ' .. ARGV[2])
  end
end
redis.call('PEXPIRE', places, ARGV[3])
return split
