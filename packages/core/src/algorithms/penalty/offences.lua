-- The twin of offences.ts, statement by statement: another algorithm, each refusal of which begins a penalty.
-- State: the inner one's, with `ending` and `offences` beside it, stored as 'inner ending offences'.
-- Parameters: first, factor, max, inner.

function algorithms.offences(options)
  local first, factor, max = options.first, options.factor, options.max
  local inner = algorithms[options.inner.name](options.inner)

  local function runs(state, now) return now < state.ending end
  local function is_forgotten(state, now) return now >= state.ending + max end

  local function length_of(offence)
    local length, n = first, 1
    while n < offence and length < max do length, n = length * factor, n + 1 end
    return math.min(length, max)
  end

  local function begin(state, offence, now)
    state.ending = now + length_of(offence)
    state.offences = offence
  end

  return {
    empty = function()
      local state = inner.empty()
      state.ending, state.offences = 0, 0
      return state
    end,

    decode = function(text)
      local own, ending, offences = string.match(text, '^(.*) (%d+) (%d+)$')
      if not own then malformed() end
      local state = inner.decode(own)
      state.ending, state.offences = integer(ending), integer(offences)
      return state
    end,

    encode = function(state)
      return inner.encode(state) .. ' ' .. text_of(state.ending, state.offences)
    end,

    rebase = function(state, op, now)
      local rebased = inner.rebase(state, op, now)
      local count = state.offences
      if state.ending - length_of(count) <= now + MAX_SET_BACK_MS then return rebased end
      begin(state, count, now)
      return true
    end,

    admits = function(state, op, now) return not runs(state, now) and inner.admits(state, op, now) end,
    charge = inner.charge,
    charge_refused = inner.charge_refused,
    refund = inner.refund,

    punish = function(state, now)
      if runs(state, now) then return false end
      begin(state, is_forgotten(state, now) and 1 or math.min(state.offences + 1, MAX_COUNT), now)
      return true
    end,

    reply = function(state, op, now)
      local reply = { inner.reply(state, op, now) }
      reply[#reply + 1] = state.ending
      reply[#reply + 1] = state.offences
      return unpack(reply)
    end,

    reset_ms = function(state, now)
      local left = state.offences > 0 and state.ending + max - now or 0
      return math.max(inner.reset_ms(state, now), left)
    end,
  }
end
