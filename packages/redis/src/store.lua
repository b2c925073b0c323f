-- Purpose: makes decisions, one after the other, each seeing what the ones before it wrote.
-- KEYS: every key that a decision touches, once.
-- ARGV: 1, the policies of all limiters that ask, as JSON: [{ twin, shadow, chargeRefused }].
--       2, the calls, as JSON: [{ mode, now, once, ops: [{ policy, key, cost, limit, fits, mark, edges, id }] }], where
--          `policy` and `key` are places among the policies and in KEYS, from 1, and an absent `now` is the server's clock.
--          `once` is the place of the key by which an adjustment is known again: it is made once.
-- Output: for each call { now, passed, { passed, reply... }... }, or 'MALFORMED' where a key holds no state of ours.

local policies = cjson.decode(ARGV[1])
for i = 1, #policies do
  local policy = policies[i]
  policy.algorithm = algorithm_of(policy.twin)
end

local server_now
local function clock()
  if not server_now then
    local time = redis.call('TIME')
    server_now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
  end
  return server_now
end

-- By place in KEYS: the state as it is now, false where there is none.
local states = {}
-- By place in KEYS, of those states that have changed: the op that was the last to do so. A state becomes text once, however
-- many have changed it.
local writers = {}

-- What a key holds, or MALFORMED where that is no text.
local function get(command, key)
  local text = redis.pcall(command, key)
  if type(text) ~= 'table' then return text end
  return string.find(text.err, 'WRONGTYPE', 1, true) and MALFORMED or redis.call(command, key)
end

local function read(place)
  local text = get('GET', KEYS[place])
  if text == MALFORMED then malformed() end
  return text
end

local function copy(state)
  local fields = {}
  for field, value in pairs(state) do fields[field] = value end
  return fields
end

-- A state to work on, which may be in vain: a text may turn out malformed midway. It is kept once all is decided; until then
-- one that is known already stays as it is.
local function load(op, is_kept)
  local state = states[op.key]
  if state == nil then
    local text = read(op.key)
    state = text and policies[op.policy].algorithm:decode(text)
    if not is_kept then return state end
    states[op.key] = state
  end
  return state and copy(state)
end

-- How long an adjustment is known again: SETTLED_MS of store.ts.
local SETTLED_MS = 60000

-- By place in KEYS, of the adjustments made in this call: until when each is `known`.
local made = {}

local function was_made(once, now)
  if made[once] then return made[once].known > now end
  local text = read(once)
  return text and integer(string.match(text, '^%d+$')) > now
end

local function decide(call)
  local now, ops, mode, once = call.now or clock(), call.ops, call.mode, call.once
  -- Again, it only answers.
  if once and was_made(once, now) then
    once = nil
    for _, op in ipairs(ops) do op.cost = 0 end
  end
  -- Whatever lies under a key that is to be forgotten, it goes.
  if mode ~= 'reset' then
    for i = 1, #ops do ops[i].found = load(ops[i], mode == 'peek') end
  end
  local outcome = transition(policies, ops, mode, now)
  if mode == 'peek' then return outcome end
  -- A key that the server's clock decides on expires when nothing is left of what it holds.
  local expires = not call.now
  for i = 1, #ops do
    local op = ops[i]
    if expires and op.written and op.state then
      op.lives = policies[op.policy].algorithm:reset_ms(op.state, now) + MAX_SET_BACK_MS
    end
  end
  -- From here on nothing fails: all of it is kept, or nothing.
  for i = 1, #ops do
    local op = ops[i]
    if op.written then
      states[op.key], writers[op.key] = op.state or false, op
    elseif mode ~= 'reset' then
      states[op.key] = op.found
    end
  end
  if once and outcome[3] then made[once] = { known = now + SETTLED_MS, lives = expires and SETTLED_MS } end
  return outcome
end

local answers = {}
for i, call in ipairs(cjson.decode(ARGV[2])) do
  local done, outcome = pcall(decide, call)
  if not done and outcome ~= MALFORMED then error(outcome, 0) end
  answers[i] = done and outcome or 'MALFORMED'
end

-- Kept for so many ms, or for good.
local function set(place, text, ms)
  if not ms then return redis.call('SET', KEYS[place], text) end
  redis.call('SET', KEYS[place], text, 'PX', string.format(INTEGER, ms))
end

-- A replica must not decide, for what it knows may be long out of date. It refuses to write; where nothing is to be written,
-- GETEX, a GET that counts as a write. Not before: of a script that has written, Redis asks no more whether its memory is full.
if next(writers) == nil and next(made) == nil then get('GETEX', KEYS[1]) end
for place, op in pairs(writers) do
  if op.state then
    set(place, policies[op.policy].algorithm:encode(op.state), op.lives)
  else
    redis.call('DEL', KEYS[place])
  end
end
for place, adjustment in pairs(made) do set(place, string.format(INTEGER, adjustment.known), adjustment.lives) end

return answers
