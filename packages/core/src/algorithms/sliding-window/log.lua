-- The twin of log.ts, statement by statement: a list of charges, each counting for one window after it was made.
-- State: { sum, last_time, last_units, older, entries }. `older` is text, 'time units time units ...', oldest first:
-- a decision reads what has expired of it and no more. `entries` counts what is in it.
-- Stored as 'sum last_time last_units entries time units ...'.
-- Parameters: window, entries, segment.

function algorithms.log(options)
  local window, entries, segment = options.window, options.entries, options.segment

  local function all_expired(state, now)
    return state.last_units == 0 or state.last_time + window <= now
  end

  local function is_same_segment(a, b)
    return math.floor(a / segment) == math.floor(b / segment)
  end

  -- The older entry that begins at a place in the text, and where the next one begins; nothing at its end.
  local function entry(state, place)
    if place > #state.older then return nil end
    local _, last, time, units = string.find(state.older, '^(%d+) (%d+) ?', place)
    if not last then malformed() end
    return tonumber(time), tonumber(units), last + 1
  end

  -- The place of the first older entry that still counts; how many come before it, and their units.
  local function first_live(state, now)
    local place, count, expired = 1, 0, 0
    local time, units, next = entry(state, place)
    while time and time + window <= now do
      place, count, expired = next, count + 1, expired + units
      time, units, next = entry(state, place)
    end
    return place, count, expired
  end

  local function live(state, now)
    if all_expired(state, now) then return 0 end
    local _, _, expired = first_live(state, now)
    return state.sum - expired
  end

  local function prune(state, now)
    local sum = live(state, now)
    if sum == 0 then
      state.older, state.entries = '', 0
    else
      local place, count = first_live(state, now)
      state.older, state.entries = string.sub(state.older, place), state.entries - count
    end
    state.sum = sum
    if sum == 0 then state.last_units = 0 end
  end

  local function append(state, time, units)
    local full = 1 + state.entries >= entries
    local joins = time == state.last_time or (full and is_same_segment(time, state.last_time))
    if state.last_units == 0 then
      state.last_units = units
    elseif joins then
      state.last_units = state.last_units + units
    else
      local newest = text_of({ state.last_time, state.last_units })
      state.older = state.older == '' and newest or state.older .. ' ' .. newest
      state.entries = state.entries + 1
      state.last_units = units
    end
    state.last_time = time
    state.sum = state.sum + units
  end

  local function charge(state, op, now)
    prune(state, now)
    local units = math.min(op.cost, MAX_COUNT - state.sum)
    if units == 0 then return end
    append(state, state.last_units == 0 and now or math.max(now, state.last_time), units)
  end

  -- Puts other units in the place of an older entry's, or drops it when none are left.
  local function replace(state, place, next, time, units)
    local before, after = string.sub(state.older, 1, place - 1), string.sub(state.older, next)
    if units > 0 then
      before = before .. text_of({ time, units }) .. (after == '' and '' or ' ')
    else
      state.entries = state.entries - 1
    end
    state.older = string.gsub(before .. after, ' $', '')
  end

  return {
    empty = function() return { sum = 0, last_time = 0, last_units = 0, older = '', entries = 0 } end,

    decode = function(text)
      local sum, time, units, count, older = string.match(text, '^(%d+) (%d+) (%d+) (%d+) ?(.*)$')
      if not sum or (count == '0') ~= (older == '') then malformed() end
      return {
        sum = tonumber(sum),
        last_time = tonumber(time),
        last_units = tonumber(units),
        older = older,
        entries = tonumber(count),
      }
    end,

    encode = function(state)
      local text = text_of({ state.sum, state.last_time, state.last_units, state.entries })
      return state.older == '' and text or text .. ' ' .. state.older
    end,

    rebase = function(state, _, now)
      if state.last_units == 0 or state.last_time <= now + MAX_SET_BACK_MS then return false end
      local sum = live(state, now)
      state.older, state.entries = '', 0
      state.sum = sum
      state.last_time = now
      state.last_units = sum
      return true
    end,

    admits = function(state, op, now) return live(state, now) + op.cost <= op.limit end,

    charge = charge,
    charge_refused = charge,

    refund = function(state, op, now)
      local mark = op.mark
      if mark + window <= math.max(now, state.last_time) or all_expired(state, now) then return end
      local place = 1
      local time, units, next = entry(state, place)
      while time and time < mark do
        place = next
        time, units, next = entry(state, place)
      end
      local is_last = time == nil
      if is_last then time, units = state.last_time, state.last_units end
      if time < mark or not is_same_segment(time, mark) then return end
      local refunded = math.min(-op.cost, units)
      units = units - refunded
      state.sum = state.sum - refunded
      if not is_last then
        replace(state, place, next, time, units)
      elseif units == 0 and state.entries > 0 then
        local head, last_time, last_units = string.match(state.older, '^(.-) ?(%d+) (%d+)$')
        if not head then malformed() end
        state.older, state.entries = head, state.entries - 1
        state.last_units = tonumber(last_units)
        state.last_time = tonumber(last_time)
      else
        state.last_units = units
      end
    end,

    reply = function(state, op, now)
      local sum = live(state, now)
      if sum == 0 then return { 0, 0, 0, 0 } end
      local missing = sum + op.cost - op.limit
      local time, units, next = entry(state, first_live(state, now))
      local oldest = time or state.last_time
      while time and missing > units do
        missing = missing - units
        time, units, next = entry(state, next)
      end
      local freed_by = missing <= 0 and 0 or time or state.last_time
      return { sum, state.last_time, freed_by, oldest }
    end,

    reset_ms = function(state, now)
      return all_expired(state, now) and 0 or state.last_time + window - now
    end,
  }
end
