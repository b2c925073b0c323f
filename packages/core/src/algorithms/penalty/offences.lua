-- The twin of offences.ts, statement by statement: another algorithm, each refusal of which begins a penalty.
-- State: the inner one's, with `ending` and `offences` beside it, stored as 'inner ending offences'.
-- Parameters: first, factor, max, inner.

function algorithms.offences()
  local function runs(state, now) return now < state.ending end
  local function is_forgotten(self, state, now) return now >= state.ending + self.max end

  local function length_of(self, offence)
    local length, n = self.first, 1
    while n < offence and length < self.max do length, n = length * self.factor, n + 1 end
    return math.min(length, self.max)
  end

  local function begin(self, state, offence, now)
    state.ending = now + length_of(self, offence)
    state.offences = offence
  end

  return {
    empty = function(self)
      local state = self.inner:empty()
      state.ending, state.offences = 0, 0
      return state
    end,

    decode = function(self, text)
      local own, ending, offences = string.match(text, '^(.*) (%d+) (%d+)$')
      if not own then malformed() end
      local state = self.inner:decode(own)
      state.ending, state.offences = integer(ending), integer(offences)
      return state
    end,

    encode = function(self, state)
      return self.inner:encode(state) .. ' ' .. string.format(TWO, state.ending, state.offences)
    end,

    rebase = function(self, state, op, now)
      local rebased = self.inner:rebase(state, op, now)
      local count = state.offences
      if state.ending - length_of(self, count) <= now + MAX_SET_BACK_MS then return rebased end
      begin(self, state, count, now)
      return true
    end,

    admits = function(self, state, op, now) return not runs(state, now) and self.inner:admits(state, op, now) end,
    charge = function(self, state, op, now) self.inner:charge(state, op, now) end,
    charge_refused = function(self, state, op, now) self.inner:charge_refused(state, op, now) end,
    refund = function(self, state, op, now) self.inner:refund(state, op, now) end,

    punish = function(self, state, now)
      if runs(state, now) then return false end
      begin(self, state, is_forgotten(self, state, now) and 1 or math.min(state.offences + 1, MAX_COUNT), now)
      return true
    end,

    reply = function(self, state, op, now)
      local reply = { self.inner:reply(state, op, now) }
      reply[#reply + 1] = state.ending
      reply[#reply + 1] = state.offences
      return unpack(reply)
    end,

    reset_ms = function(self, state, now)
      local left = state.offences > 0 and state.ending + self.max - now or 0
      return math.max(self.inner:reset_ms(state, now), left)
    end,
  }
end
