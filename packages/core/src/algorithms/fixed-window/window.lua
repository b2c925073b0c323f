-- The twin of window.ts, statement by statement: one counter that starts over at each edge.
-- State: { start, end, count }, stored as 'start end count'.
-- Parameters: length, floats, soft. An op may bring four calendar edges instead of a length.

local START, END, COUNT = 1, 2, 3

function algorithms.window()
  local function window(self, now, op)
    local edges = op.edges
    if edges then
      local next = 1
      while edges[next] <= now do next = next + 1 end
      return edges[next - 1], edges[next]
    end
    local length = self.length
    local start = self.floats and now or math.floor(now / length) * length
    return start, start + length
  end

  local function counts(state, now)
    return state[COUNT] > 0 and now < state[END]
  end

  local function charge(self, state, op, now)
    if not counts(state, now) then
      state[START], state[END] = window(self, now, op)
      state[COUNT] = 0
    end
    state[COUNT] = math.min(state[COUNT] + op.cost, MAX_COUNT)
  end

  return {
    empty = function() return { 0, 0, 0 } end,
    encode = text_of_three,

    -- A calendar period may have begun before 1970.
    decode = function(self, text)
      local minus, unsigned = string.match(text, '^(-?)(.*)$')
      local state = integers(self, unsigned)
      if minus == '-' then state[START] = -state[START] end
      return state
    end,

    rebase = function(self, state, op, now)
      if state[COUNT] == 0 or state[START] <= now + MAX_SET_BACK_MS then return false end
      state[START], state[END] = window(self, now, op)
      return true
    end,

    admits = function(self, state, op, now)
      return self.soft or (counts(state, now) and state[COUNT] or 0) + op.cost <= op.limit
    end,

    charge = charge,
    charge_refused = charge,

    refund = function(_, state, op, now)
      if not counts(state, now) or state[START] ~= op.mark then return end
      state[COUNT] = state[COUNT] - math.min(-op.cost, state[COUNT])
    end,

    reply = function(self, state, op, now)
      if counts(state, now) then return state[START], state[END], state[COUNT] end
      local start, ending = window(self, now, op)
      return start, ending, 0
    end,

    reset_ms = function(_, state, now)
      return state[COUNT] > 0 and math.max(0, state[END] - now) or 0
    end,
  }
end
