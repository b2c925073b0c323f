-- The twin of counter.ts, statement by statement: two counters on an epoch-aligned grid.
-- State: { start, current, previous }, stored as 'start current previous'.
-- Parameters: window.

local START, CURRENT, PREVIOUS = 1, 2, 3

function algorithms.counter()
  local function at(self, state, now)
    local window = self.window
    local start, current, previous = state[START], state[CURRENT], state[PREVIOUS]
    if current + previous > 0 and now < start + window then return start, current, previous end
    if current > 0 and now < start + 2 * window then return start + window, 0, current end
    return math.floor(now / window) * window, 0, 0
  end

  local function charge(self, state, op, now)
    local start, current, previous = at(self, state, now)
    state[START] = start
    state[CURRENT] = math.min(current + op.cost, MAX_COUNT)
    state[PREVIOUS] = previous
  end

  return {
    empty = function() return { 0, 0, 0 } end,
    decode = integers,
    encode = text_of_three,

    rebase = function(self, state, _, now)
      if state[START] <= now + MAX_SET_BACK_MS then return false end
      state[START] = math.floor(now / self.window) * self.window
      return true
    end,

    admits = function(self, state, op, now)
      local start, current, previous = at(self, state, now)
      local elapsed = math.max(0, now - start)
      local room = op.limit - current - op.cost
      return room >= 0 and previous * (self.window - elapsed) <= room * self.window
    end,

    charge = charge,
    charge_refused = charge,

    refund = function(self, state, op, now)
      local start, current = at(self, state, now)
      if start ~= op.mark or current == 0 then return end
      state[CURRENT] = current - math.min(-op.cost, current)
    end,

    reply = function(self, state, _, now) return at(self, state, now) end,

    reset_ms = function(self, state, now)
      local start, current, previous = at(self, state, now)
      if current > 0 then return start + 2 * self.window - now end
      return previous > 0 and start + self.window - now or 0
    end,
  }
end
