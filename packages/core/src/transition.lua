-- The twin of transition.ts, statement by statement: checks every op, then charges all or none.
-- An op comes with the state that was `found`, if there was one, and goes with its `state` and whether that is to be `written`,
-- nil to forget the key. The states are changed in place, in a peek too. Answers { now, passed, { passed, reply... }... }.

local function consume(policies, ops, now)
  local outcome = { now, 1 }
  local passed = true
  for i = 1, #ops do
    local op = ops[i]
    local policy = policies[op.policy]
    local algorithm = policy.algorithm
    local state = op.found or algorithm:empty()
    op.state = state
    op.written = algorithm:rebase(state, op, now)
    op.passed = op.fits and algorithm:admits(state, op, now)
    if not op.passed and not policy.shadow then passed = false end
  end

  for i = 1, #ops do
    local op = ops[i]
    local policy, state = policies[op.policy], op.state
    local algorithm = policy.algorithm
    if op.cost > 0 and op.fits then
      local charged = passed and op.passed
      if charged then
        algorithm:charge(state, op, now)
      elseif policy.chargeRefused then
        algorithm:charge_refused(state, op, now)
      end
      local punished = not op.passed and algorithm.punish and algorithm:punish(state, now)
      if charged or policy.chargeRefused or punished then op.written = true end
    end
    outcome[i + 2] = { op.passed and 1 or 0, algorithm:reply(state, op, now) }
  end
  if not passed then outcome[2] = 0 end
  return outcome
end

local function adjust(policies, ops, now)
  local outcome = { now, 1 }
  for i = 1, #ops do
    local op = ops[i]
    local algorithm = policies[op.policy].algorithm
    local state = op.found or algorithm:empty()
    if op.cost < 0 then algorithm:refund(state, op, now) elseif op.cost > 0 then algorithm:charge(state, op, now) end
    op.state, op.written = state, op.cost > 0 or (op.cost < 0 and op.found)
    outcome[i + 2] = { 1, algorithm:reply(state, op, now) }
  end
  return outcome
end

local function hold_or_release(policies, ops, mode, now)
  local outcome = { now, 1 }
  for i = 1, #ops do
    local op = ops[i]
    local algorithm = policies[op.policy].algorithm
    local state = op.found or algorithm:empty()
    local passed = algorithm[mode] and algorithm[mode](algorithm, state, op, now)
    op.state, op.written = state, passed
    if not passed then outcome[2] = 0 end
    outcome[i + 2] = { passed and 1 or 0, algorithm:reply(state, op, now) }
  end
  return outcome
end

local function reset(policies, ops, now)
  local outcome = { now, 1 }
  for i = 1, #ops do
    local op = ops[i]
    local algorithm = policies[op.policy].algorithm
    op.written = true
    outcome[i + 2] = { 1, algorithm:reply(algorithm:empty(), op, now) }
  end
  return outcome
end

local function transition(policies, ops, mode, now)
  for i = 1, #ops do
    local op = ops[i]
    if op.edges and (now < op.edges[1] or now >= op.edges[4]) then return { now, 0 } end
  end
  if mode == 'consume' or mode == 'peek' then return consume(policies, ops, now) end
  if mode == 'adjust' then return adjust(policies, ops, now) end
  if mode == 'reset' then return reset(policies, ops, now) end
  return hold_or_release(policies, ops, mode, now)
end
