-- The twin of transition.ts, statement by statement: checks every op, then charges all or none.
-- Answers { now, passed, { passed, reply... }... } and the writes: by op a state, false to forget the key, or nil.
-- It changes the loaded states in place, in a peek too.

local function consume(policies, ops, loaded, now)
  local outcome, writes, states, admitted = { now, 1 }, {}, {}, {}
  local passed = true
  for i = 1, #ops do
    local op = ops[i]
    local policy = policies[op.policy]
    local algorithm = policy.algorithm
    local state = loaded[i] or algorithm.empty()
    if algorithm.rebase(state, op, now) then writes[i] = state end
    admitted[i] = op.fits and algorithm.admits(state, op, now)
    if not admitted[i] and not policy.shadow then passed = false end
    states[i] = state
  end

  for i = 1, #ops do
    local op = ops[i]
    local policy, state = policies[op.policy], states[i]
    local algorithm = policy.algorithm
    if op.cost > 0 and op.fits then
      local charged = passed and admitted[i]
      if charged then
        algorithm.charge(state, op, now)
      elseif policy.chargeRefused then
        algorithm.charge_refused(state, op, now)
      end
      local punished = not admitted[i] and algorithm.punish and algorithm.punish(state, now)
      if charged or policy.chargeRefused or punished then writes[i] = state end
    end
    outcome[i + 2] = { admitted[i] and 1 or 0, algorithm.reply(state, op, now) }
  end
  if not passed then outcome[2] = 0 end
  return outcome, writes
end

local function adjust(policies, ops, loaded, now)
  local outcome, writes = { now, 1 }, {}
  for i = 1, #ops do
    local op = ops[i]
    local algorithm = policies[op.policy].algorithm
    local state = loaded[i] or algorithm.empty()
    if op.cost < 0 then algorithm.refund(state, op, now) elseif op.cost > 0 then algorithm.charge(state, op, now) end
    if op.cost > 0 or (op.cost < 0 and loaded[i]) then writes[i] = state end
    outcome[i + 2] = { 1, algorithm.reply(state, op, now) }
  end
  return outcome, writes
end

local function hold_or_release(policies, ops, mode, loaded, now)
  local outcome, writes = { now, 1 }, {}
  for i = 1, #ops do
    local op = ops[i]
    local algorithm = policies[op.policy].algorithm
    local state = loaded[i] or algorithm.empty()
    local passed = algorithm.lease ~= nil and algorithm.lease[mode](state, op, now)
    if passed then writes[i] = state else outcome[2] = 0 end
    outcome[i + 2] = { passed and 1 or 0, algorithm.reply(state, op, now) }
  end
  return outcome, writes
end

local function reset(policies, ops, now)
  local outcome, writes = { now, 1 }, {}
  for i = 1, #ops do
    local op = ops[i]
    local algorithm = policies[op.policy].algorithm
    writes[i] = false
    outcome[i + 2] = { 1, algorithm.reply(algorithm.empty(), op, now) }
  end
  return outcome, writes
end

local function transition(policies, ops, mode, loaded, now)
  for i = 1, #ops do
    local op = ops[i]
    if op.edges and (now < op.edges[1] or now >= op.edges[4]) then return { now, 0 }, {} end
  end
  if mode == 'consume' or mode == 'peek' then return consume(policies, ops, loaded, now) end
  if mode == 'adjust' then return adjust(policies, ops, loaded, now) end
  if mode == 'reset' then return reset(policies, ops, now) end
  return hold_or_release(policies, ops, mode, loaded, now)
end
