-- Saves a change of one partition's checkpoint, whole or not at all.
--
-- KEYS: head, panes, tails (docs/checkpoint-layout.md)
-- ARGV: 1 layout, 2 mode (whole | change), 3 the save that a change goes on top of, empty for none,
--       4 saver and 5 number of this save, 6 epoch, 7 offset, 8 watermark, 9 shape, 10 saved at (ms), 11 TTL (ms),
--       12 panes that begin before this go, 13 tails, each with its field and length-prefixed; then per pane: start, member
-- Returns saved, fenced (an epoch older than the kept one), or base-lost.
local head, panes, tails = KEYS[1], KEYS[2], KEYS[3]
local layout, mode, base, saver, number, epoch = ARGV[1], ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5]), ARGV[6]

-- Decimal digits without leading zeros: Lua's numbers are exact to 2^53 only.
local function is_older(a, b)
  return #a < #b or (#a == #b and a < b)
end

local kept = redis.call('HMGET', head, 'layout', 'epoch', 'save', 'panes', 'tails')
local kept_layout, kept_epoch, kept_save = kept[1], kept[2], kept[3] or ''

if kept_epoch and is_older(epoch, kept_epoch) then
  return 'fenced'
end

-- A save that was given up as timed out and arrives after its successor, on a connection that was slow to die.
local kept_saver, kept_number = string.match(kept_save, '^(.*)%-(%d+)$')
if kept_saver == saver and number <= tonumber(kept_number) then
  return 'base-lost'
end

if mode == 'change' then
  if kept_save ~= base then
    return 'base-lost'
  end
  if base ~= '' then
    local is_intact = kept_layout == layout
      and redis.call('ZCARD', panes) == tonumber(kept[4])
      and redis.call('HLEN', tails) == tonumber(kept[5])
    if not is_intact then
      return 'base-lost'
    end
  end
end

-- The first write is one that a full Redis refuses, so that nothing has been changed then. Until the last write
-- the head says that the checkpoint is not complete.
redis.call('HSET', head, 'layout', 'incomplete')

if mode == 'whole' or base == '' then
  redis.call('DEL', panes, tails)
end
for at = 14, #ARGV, 2 do
  redis.call('ZREMRANGEBYSCORE', panes, ARGV[at], ARGV[at])
  redis.call('ZADD', panes, ARGV[at], ARGV[at + 1])
end
redis.call('ZREMRANGEBYSCORE', panes, '-inf', '(' .. ARGV[12])

local packed, at = ARGV[13], 1
while at <= #packed do
  local field, value
  field, value, at = struct.unpack('<I4c0I4c0', packed, at)
  redis.call('HSET', tails, field, value)
end

redis.call('HSET', head,
  'epoch', epoch,
  'save', saver .. '-' .. ARGV[5],
  'offset', ARGV[7],
  'watermark', ARGV[8],
  'shape', ARGV[9],
  'saved-at', ARGV[10],
  'panes', redis.call('ZCARD', panes),
  'tails', redis.call('HLEN', tails),
  'layout', layout)
for _, key in ipairs(KEYS) do
  redis.call('PEXPIRE', key, ARGV[11])
end
return 'saved'
