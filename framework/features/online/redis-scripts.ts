/**
 * What the online store does on a Redis server as one step, in its Lua. All keys of a table are in one slot of a cluster.
 * @module
 */

/**
 * Begins a generation, and takes away what other writers have begun.
 * KEYS: last generation, begun generations; ARGV: what the keys of generations begin with. Returns the generation.
 */
export const beginScript = `
for _, other in ipairs(redis.call('SMEMBERS', KEYS[2])) do redis.call('UNLINK', ARGV[1] .. other) end
redis.call('UNLINK', KEYS[2])
local generation = redis.call('INCR', KEYS[1])
redis.call('SADD', KEYS[2], generation)
return generation`;

/**
 * Puts rows into a generation that is being written, or is in force. A row stays where its event time is not before that
 * of the new one; it is read from byte 16, little-endian, as a signed and an unsigned half, which a number of Lua holds.
 * KEYS: begun generations, state, rows; ARGV: mode, generation, then key and row in turns. Returns -1 without the turn.
 */
export const putScript = `
if ARGV[1] == 'replace' then
  if redis.call('SISMEMBER', KEYS[1], ARGV[2]) == 0 then return -1 end
elseif redis.call('HGET', KEYS[2], 'generation') ~= ARGV[2] then return -1 end
local put = 0
for i = 3, #ARGV, 2 do
  local present = redis.call('HGET', KEYS[3], ARGV[i])
  local newer = true
  if present then
    local oldLow, oldHigh = struct.unpack('<I4i4', present, 17)
    local low, high = struct.unpack('<I4i4', ARGV[i + 1], 17)
    newer = high > oldHigh or (high == oldHigh and low > oldLow)
  end
  if newer then
    redis.call('HSET', KEYS[3], ARGV[i], ARGV[i + 1])
    put = put + 1
  end
end
return put`;

/**
 * Puts the state of a table, and with a replacement its rows, in force.
 * KEYS: begun generations, state; ARGV: mode, generation, as of, document, what the keys of generations begin with.
 * Returns -1 without the turn.
 */
export const commitScript = `
local before = redis.call('HGET', KEYS[2], 'generation')
if ARGV[1] == 'replace' then
  if redis.call('SREM', KEYS[1], ARGV[2]) == 0 then return -1 end
  if before then redis.call('UNLINK', ARGV[5] .. before) end
elseif before ~= ARGV[2] then return -1 end
redis.call('HSET', KEYS[2], 'generation', ARGV[2], 'asOf', ARGV[3], 'document', ARGV[4])
return 0`;

/**
 * Takes back a generation that is being written.
 * KEYS: begun generations, rows; ARGV: generation.
 */
export const abandonScript = `
if redis.call('SREM', KEYS[1], ARGV[1]) == 1 then redis.call('UNLINK', KEYS[2]) end
return 0`;

/**
 * Removes entities from what is in force.
 * KEYS: state; ARGV: what the keys of generations begin with, then keys. Returns how many there were.
 */
export const removeScript = `
local generation = redis.call('HGET', KEYS[1], 'generation')
if not generation then return 0 end
local removed = 0
for i = 2, #ARGV do removed = removed + redis.call('HDEL', ARGV[1] .. generation, ARGV[i]) end
return removed`;

/**
 * Removes a table, but for its last generation, so that no number is given twice.
 * KEYS: begun generations, state; ARGV: what the keys of generations begin with.
 */
export const dropScript = `
local generation = redis.call('HGET', KEYS[2], 'generation')
if generation then redis.call('UNLINK', ARGV[1] .. generation) end
for _, other in ipairs(redis.call('SMEMBERS', KEYS[1])) do redis.call('UNLINK', ARGV[1] .. other) end
redis.call('UNLINK', KEYS[1], KEYS[2])
return 0`;
