-- Purpose: makes decisions, one after the other, each seeing what the ones before it wrote.
-- KEYS: every key that a decision touches, once.
-- ARGV: 1, the plan, as JSON: [{ twin, shadow, chargeRefused }], one for each policy.
--       2, the calls, as JSON: [{ mode, now, ops: [{ policy, key, cost, limit, fits, mark, edges }] }], where `policy`
--          and `key` are places in the plan and in KEYS, from 1, and an absent `now` is the server's clock.
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

-- By place in KEYS: the state as it is now, or ABSENT; and how to write it, for those that have changed.
local states, changes = {}, {}

-- What a key holds, or MALFORMED where that is no text.
local function get(command, key)
  local text = redis.pcall(command, key)
  if type(text) ~= 'table' then return text end
  return string.find(text.err, 'WRONGTYPE', 1, true) and MALFORMED or redis.call(command, key)
end

local function load(op)
  local state = states[op.key]
  if state == nil then
    local text = get('GET', KEYS[op.key])
    if text == MALFORMED then malformed() end
    state = text and policies[op.policy].algorithm.decode(text) or ABSENT
    states[op.key] = state
  end
  return state
end

local function decide(call)
  local loaded = {}
  for i, op in ipairs(call.ops) do
    -- Whatever lies under a key that is to be forgotten, it goes.
    local state = call.mode == 'reset' and ABSENT or load(op)
    if state ~= ABSENT then loaded[i] = state end
  end
  local now = call.now or clock()
  local outcome, writes = transition(policies, call.ops, call.mode, loaded, now)
  for i, state in pairs(writes) do
    local op = call.ops[i]
    states[op.key] = state
    changes[op.key] = { state = state, algorithm = policies[op.policy].algorithm, now = now, expires = not call.now }
  end
  return outcome
end

local answers = {}
for i, call in ipairs(cjson.decode(ARGV[2])) do
  local done, outcome = pcall(decide, call)
  if not done and outcome ~= MALFORMED then error(outcome, 0) end
  answers[i] = done and outcome or 'MALFORMED'
end

-- A replica must not decide, for what it knows may be long out of date. It refuses to write; where nothing is to be written,
-- GETEX, a GET that counts as a write. Not before: of a script that has written, Redis asks no more whether its memory is full.
if next(changes) == nil then get('GETEX', KEYS[1]) end
for place, change in pairs(changes) do
  local key, state, algorithm = KEYS[place], change.state, change.algorithm
  if state == ABSENT then
    redis.call('DEL', key)
  elseif change.expires then
    local px = algorithm.reset_ms(state, change.now) + MAX_SET_BACK_MS
    redis.call('SET', key, algorithm.encode(state), 'PX', string.format('%.0f', px))
  else
    redis.call('SET', key, algorithm.encode(state))
  end
end

return answers
