-- The twin of meter.ts, statement by statement: a level that drains with time.
-- State: { level, time, rate }, stored as 'level time rate'.
-- Parameters: period, slack, shapes, and where they are fixed rate and capacity.

local LEVEL, TIME, RATE = 1, 2, 3

function algorithms.meter(options)
  local period, slack, shapes = options.period, options.slack, options.shapes
  local function rate(limit) return options.rate or limit end
  local function capacity(limit) return options.capacity or limit end
  local function room(limit) return capacity(limit) * period + slack end
  local function window(limit)
    if limit == 0 then return period end
    return math.ceil((capacity(limit) * period) / rate(limit))
  end

  local function drain(level, time, stored, now)
    local elapsed = math.max(0, now - time)
    if level == 0 or elapsed >= level / stored then return 0 end
    return level - elapsed * stored
  end

  local function level_at(state, now)
    return drain(state[LEVEL], state[TIME], state[RATE], now)
  end

  local function write(state, now, stored, drained, level)
    state[LEVEL] = level
    if drained == 0 or now > state[TIME] then state[TIME] = now end
    state[RATE] = stored
  end

  return {
    empty = function() return { 0, 0, 0 } end,
    encode = text_of_three,

    decode = function(text)
      local state = integers(text)
      if state[LEVEL] > 0 and state[RATE] == 0 then malformed() end
      return state
    end,

    rebase = function(state, _, now)
      if state[LEVEL] == 0 or state[TIME] <= now + MAX_SET_BACK_MS then return false end
      state[TIME] = now
      return true
    end,

    admits = function(state, op, now)
      return level_at(state, now) <= room(op.limit) - op.cost * period
    end,

    charge = function(state, op, now)
      local level = level_at(state, now)
      write(state, now, rate(op.limit), level, math.min(level + op.cost * period, MAX_COUNT))
    end,

    charge_refused = function(state, op, now)
      local level = level_at(state, now)
      local charged = math.min(level + op.cost * period, room(op.limit))
      write(state, now, rate(op.limit), level, math.max(level, charged))
    end,

    refund = function(state, op, now)
      if shapes or now - op.mark >= window(op.limit) then return end
      local level = level_at(state, now)
      write(state, now, state[RATE], level, level - math.min(-op.cost * period, level))
    end,

    reply = function(state) return state[LEVEL], state[TIME], state[RATE] end,

    reset_ms = function(state, now)
      local level = level_at(state, now)
      if level == 0 then return 0 end
      return math.max(0, state[TIME] - now) + math.ceil(level / state[RATE])
    end,
  }
end
