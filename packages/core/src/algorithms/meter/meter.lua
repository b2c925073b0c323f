-- The twin of meter.ts, statement by statement: a level that drains with time.
-- State: { level, time, rate }, stored as 'level time rate'.
-- Parameters: period, slack, shapes, and where they are fixed rate and capacity.

local LEVEL, TIME, RATE = 1, 2, 3

function algorithms.meter()
  local function room(self, limit) return (self.capacity or limit) * self.period + self.slack end
  local function window(self, limit)
    if limit == 0 then return self.period end
    return math.ceil(((self.capacity or limit) * self.period) / (self.rate or limit))
  end

  local function level_at(state, now)
    local level, time, stored = state[LEVEL], state[TIME], state[RATE]
    local elapsed = now <= time and 0 or now - time
    if level == 0 or elapsed >= level / stored then return 0 end
    return level - elapsed * stored
  end

  local function write(state, now, stored, drained, level)
    state[LEVEL] = level
    if drained == 0 or now > state[TIME] then state[TIME] = now end
    state[RATE] = stored
  end

  return {
    empty = function() return { 0, 0, 0 } end,
    encode = text_of_three,

    decode = function(self, text)
      local state = integers(self, text)
      if state[LEVEL] > 0 and state[RATE] == 0 then malformed() end
      return state
    end,

    rebase = function(_, state, _, now)
      if state[LEVEL] == 0 or state[TIME] <= now + MAX_SET_BACK_MS then return false end
      state[TIME] = now
      return true
    end,

    admits = function(self, state, op, now)
      return level_at(state, now) <= room(self, op.limit) - op.cost * self.period
    end,

    charge = function(self, state, op, now)
      local level = level_at(state, now)
      write(state, now, self.rate or op.limit, level, math.min(level + op.cost * self.period, MAX_COUNT))
    end,

    charge_refused = function(self, state, op, now)
      local level = level_at(state, now)
      local charged = math.min(level + op.cost * self.period, room(self, op.limit))
      write(state, now, self.rate or op.limit, level, math.max(level, charged))
    end,

    refund = function(self, state, op, now)
      if self.shapes or now - op.mark >= window(self, op.limit) then return end
      local level = level_at(state, now)
      write(state, now, state[RATE], level, level - math.min(-op.cost * self.period, level))
    end,

    reply = function(_, state) return state[LEVEL], state[TIME], state[RATE] end,

    reset_ms = function(_, state, now)
      local level = level_at(state, now)
      if level == 0 then return 0 end
      return math.max(0, state[TIME] - now) + math.ceil(level / state[RATE])
    end,
  }
end
