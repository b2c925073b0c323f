-- Purpose: makes decisions, one after the other, each seeing what the ones before it wrote.
-- KEYS: every key that a decision touches, once.
-- ARGV: 1, the policies of all limiters that ask, as JSON: [{ twin, shadow, chargeRefused }].
--       2, the calls, as JSON: [{ mode, now, once, ops: [{ policy, key, cost, limit, fits, mark, edges, id }] }], where
--          `policy` and `key` are places among the policies and in KEYS, from 1, and an absent `now` is the server's clock.
--          `once` is the place of the key by which an adjustment is known again: it is made once.
-- Output: for each call { now, passed, { passed, reply... }... }, or 'MALFORMED' where a key holds no state of ours.

local policies = cjson.decode(ARGV[1])
for _, policy in ipairs(policies) do
  policy.algorithm = algorithms[policy.twin.name](policy.twin)
end

local server_now
local function clock()
  if not server_now then
    local time = redis.call('TIME')
    server_now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
  end
  return server_now
end

-- By place in KEYS: the state as it is now, or ABSENT; and for those that have changed, what to write: ABSENT, or
-- { state, algorithm, ms }. It becomes text once, however many decisions have changed it.
local states, changes = {}, {}

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

local function load(op)
  local state = states[op.key]
  if state == nil then
    local text = read(op.key)
    state = text and policies[op.policy].algorithm.decode(text) or ABSENT
    states[op.key] = state
  end
  return state
end

-- How long an adjustment is known again: SETTLED_MS of store.ts.
local SETTLED_MS = 60000

-- By place in KEYS: until when an adjustment is known; and whether that expires by itself, for those made in this call.
local known, made = {}, {}

local function was_made(place, now)
  if not known[place] then
    local text = read(place)
    known[place] = text and integer(string.match(text, '^%d+$')) or 0
  end
  return known[place] > now
end

-- What to write of a state. How long it matters may come to something malformed too; its text does not.
local function written(state, algorithm, call, now)
  if state == ABSENT then return ABSENT end
  return { state, algorithm, not call.now and algorithm.reset_ms(state, now) + MAX_SET_BACK_MS }
end

local function decide(call)
  local now = call.now or clock()
  local once = call.once
  -- Again, it only answers.
  if once and was_made(once, now) then
    once = nil
    for _, op in ipairs(call.ops) do op.cost = 0 end
  end
  local loaded = {}
  for i, op in ipairs(call.ops) do
    -- Whatever lies under a key that is to be forgotten, it goes.
    local state = call.mode == 'reset' and ABSENT or load(op)
    if state ~= ABSENT then loaded[i] = state end
  end
  local outcome, writes = transition(policies, call.ops, call.mode, loaded, now)
  local later = {}
  for i, state in pairs(writes) do
    later[i] = written(state, policies[call.ops[i].policy].algorithm, call, now)
  end
  -- From here on nothing fails: all of it is kept, or nothing.
  for i, state in pairs(writes) do
    local key = call.ops[i].key
    states[key], changes[key] = state, later[i]
  end
  if once and outcome[3] then known[once], made[once] = now + SETTLED_MS, not call.now end
  return outcome
end

local answers = {}
for i, call in ipairs(cjson.decode(ARGV[2])) do
  local done, outcome = pcall(decide, call)
  if not done and outcome ~= MALFORMED then error(outcome, 0) end
  answers[i] = done and outcome or 'MALFORMED'
end

local function set(key, text, ms)
  if not ms then return redis.call('SET', key, text) end
  redis.call('SET', key, text, 'PX', string.format('%.0f', ms))
end

-- A replica must not decide, for what it knows may be long out of date. It refuses to write; where nothing is to be written,
-- GETEX, a GET that counts as a write. Not before: of a script that has written, Redis asks no more whether its memory is full.
if next(changes) == nil and next(made) == nil then get('GETEX', KEYS[1]) end
for place, change in pairs(changes) do
  if change == ABSENT then
    redis.call('DEL', KEYS[place])
  else
    local state, algorithm, ms = unpack(change)
    set(KEYS[place], algorithm.encode(state), ms)
  end
end
for place, expires in pairs(made) do set(KEYS[place], text_of({ known[place] }), expires and SETTLED_MS) end

return answers
