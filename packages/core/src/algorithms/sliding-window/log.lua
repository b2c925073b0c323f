-- The twin of log.ts, statement by statement: a list of charges, each counting for one window after it was made.
-- State: { sum, last_time, last_units, older, entries }. `older` is text, 'time units time units ...', oldest first:
-- a decision reads what has expired of it and no more. `entries` counts what is in it.
-- Stored as 'sum last_time last_units entries time units ...'.
-- Parameters: window, entries, segment.

-- No entry is longer than this as text.
local LONGEST = 36

function algorithms.log()
  local FOUR = TWO .. ' ' .. TWO

  local function all_expired(self, state, now)
    return state.last_units == 0 or state.last_time + self.window <= now
  end

  local function is_same_segment(self, a, b)
    return math.floor(a / self.segment) == math.floor(b / self.segment)
  end

  -- The older entry that begins at a place in the text, and where the next one begins; nothing at its end.
  local function entry(state, place)
    if place > #state.older then return nil end
    local _, last, time, units = string.find(state.older, '^(%d+) (%d+) ?', place)
    if not last then malformed() end
    return integer(time), integer(units), last + 1
  end

  -- The older entry that ends just before a place in the text, and where it begins; nothing at the beginning.
  local function entry_before(state, place)
    if place == 1 then return nil end
    local from = math.max(1, place - LONGEST)
    local chunk = string.sub(state.older, from, place - 1)
    local first, time, units = string.match(chunk, '^.*%f[%d]()(%d+) (%d+) ?$')
    if not first then malformed() end
    return integer(time), integer(units), from + first - 1
  end

  -- The place of the first older entry that still counts; how many come before it, and their units.
  local function first_live(self, state, now)
    local window = self.window
    local place, count, expired = 1, 0, 0
    local time, units, next = entry(state, place)
    while time and time + window <= now do
      place, count, expired = next, count + 1, expired + units
      time, units, next = entry(state, place)
    end
    return place, count, expired
  end

  -- Units that count now; and of the older entries, the place of the first that does, and how many come before it.
  local function live(self, state, now)
    if all_expired(self, state, now) then return 0 end
    local place, count, expired = first_live(self, state, now)
    return state.sum - expired, place, count
  end

  local function prune(self, state, now)
    local sum, place, count = live(self, state, now)
    if sum == state.sum then return end
    if sum == 0 then
      state.older, state.entries = '', 0
      state.last_units = 0
    else
      state.older, state.entries = string.sub(state.older, place), state.entries - count
    end
    state.sum = sum
  end

  local function append(self, state, time, units)
    local full = 1 + state.entries >= self.entries
    local joins = time == state.last_time or (full and is_same_segment(self, time, state.last_time))
    if state.last_units == 0 then
      state.last_units = units
    elseif joins then
      state.last_units = state.last_units + units
    else
      local newest = string.format(TWO, state.last_time, state.last_units)
      state.older = state.older == '' and newest or state.older .. ' ' .. newest
      state.entries = state.entries + 1
      state.last_units = units
    end
    state.last_time = time
    state.sum = state.sum + units
  end

  local function charge(self, state, op, now)
    prune(self, state, now)
    local units = math.min(op.cost, MAX_COUNT - state.sum)
    if units == 0 then return end
    append(self, state, state.last_units == 0 and now or math.max(now, state.last_time), units)
  end

  -- Puts other units in the place of an older entry's, or drops it when none are left.
  local function replace(state, place, next, time, units)
    local before, after = string.sub(state.older, 1, place - 1), string.sub(state.older, next)
    if units > 0 then
      before = before .. string.format(TWO, time, units) .. (after == '' and '' or ' ')
    else
      state.entries = state.entries - 1
      if after == '' then before = string.sub(before, 1, -2) end
    end
    state.older = before .. after
  end

  return {
    empty = function() return { sum = 0, last_time = 0, last_units = 0, older = '', entries = 0 } end,

    decode = function(_, text)
      local sum, time, units, count, older = string.match(text, '^(%d+) (%d+) (%d+) (%d+) ?(.*)$')
      if not sum or (count == '0') ~= (older == '') then malformed() end
      return {
        sum = integer(sum),
        last_time = integer(time),
        last_units = integer(units),
        older = older,
        entries = integer(count),
      }
    end,

    encode = function(_, state)
      local text = string.format(FOUR, state.sum, state.last_time, state.last_units, state.entries)
      return state.older == '' and text or text .. ' ' .. state.older
    end,

    rebase = function(self, state, _, now)
      if state.last_units == 0 or state.last_time <= now + MAX_SET_BACK_MS then return false end
      local sum = live(self, state, now)
      state.older, state.entries = '', 0
      state.sum = sum
      state.last_time = now
      state.last_units = sum
      return true
    end,

    admits = function(self, state, op, now) return live(self, state, now) + op.cost <= op.limit end,

    charge = charge,
    charge_refused = charge,

    refund = function(self, state, op, now)
      local mark = op.mark
      if mark + self.window <= math.max(now, state.last_time) or all_expired(self, state, now) then return end
      -- What is given back is seldom old: from the newest to the first that is not before the mark.
      local time, units, place, next = state.last_time, state.last_units, #state.older + 1, nil
      local older_time, older_units, begins = entry_before(state, place)
      while older_time and older_time >= mark do
        time, units, place, next = older_time, older_units, begins, place
        older_time, older_units, begins = entry_before(state, place)
      end
      if time < mark or not is_same_segment(self, time, mark) then return end
      local refunded = math.min(-op.cost, units)
      units = units - refunded
      state.sum = state.sum - refunded
      if next then
        replace(state, place, next, time, units)
      elseif units == 0 and older_time then
        state.last_time, state.last_units = older_time, older_units
        replace(state, begins, place, older_time, 0)
      else
        state.last_units = units
      end
    end,

    reply = function(self, state, op, now)
      local sum, place = live(self, state, now)
      if sum == 0 then return 0, 0, 0, 0 end
      local missing = sum + op.cost - op.limit
      local time, units, next = entry(state, place)
      local oldest = time or state.last_time
      while time and missing > units do
        missing = missing - units
        time, units, next = entry(state, next)
      end
      local freed_by = missing <= 0 and 0 or time or state.last_time
      return sum, state.last_time, freed_by, oldest
    end,

    reset_ms = function(self, state, now)
      return all_expired(self, state, now) and 0 or state.last_time + self.window - now
    end,
  }
end
