-- One partition's checkpoint as it is at one moment.
--
-- KEYS: head, panes, tails (docs/checkpoint-layout.md)
-- Returns the head's fields and values, the panes in the order of their starts, the tails' fields and values.
return {
  redis.call('HGETALL', KEYS[1]),
  redis.call('ZRANGE', KEYS[2], 0, -1),
  redis.call('HGETALL', KEYS[3]),
}
