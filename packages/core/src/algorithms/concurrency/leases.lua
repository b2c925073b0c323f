-- The twin of leases.ts, statement by statement: a set of leases, each of which ends by itself.
-- State: { held, list }. `list` is text, 'end units id;end units id;...', the first to end first: a decision reads what has
-- ended of it, and its last lease. No other number looks like an id, so that one is found without reading the others.
-- Stored as 'held list'.
-- Parameters: lease.

-- No lease is longer than this as text.
local LONGEST = 53

function algorithms.leases()
  -- The lease that begins at a place in the text, and where the next one begins; nothing at its end.
  local function entry(state, place)
    if place > #state.list then return nil end
    local _, last, ending, units = string.find(state.list, '^(%d+) (%d+) %d+;', place)
    if not last then malformed() end
    return integer(ending), integer(units), last + 1
  end

  -- When the lease ends that lies just before a place in the text, and where it begins.
  local function entry_before(state, place)
    local from = math.max(1, place - LONGEST)
    local first, ending = string.match(string.sub(state.list, from, place - 1), '^.*%f[%d]()(%d+) %d+ %d+;$')
    if not first then malformed() end
    return integer(ending), from + first - 1
  end

  -- The place of the first lease that ends after this moment, and the units of those before it.
  local function first_after(state, time)
    local place, before = 1, 0
    local ending, units, next = entry(state, place)
    while ending and ending <= time do
      place, before = next, before + units
      ending, units, next = entry(state, place)
    end
    return place, before
  end

  local function live(state, now)
    local _, ended = first_after(state, now)
    return state.held - ended
  end

  local function prune(state, now)
    local place, ended = first_after(state, now)
    state.held = state.held - ended
    state.list = string.sub(state.list, place)
  end

  local function last_end(state)
    return state.list == '' and 0 or (entry_before(state, #state.list + 1))
  end

  -- Puts another text in the place of what lies between two places.
  local function splice(state, place, next, text)
    state.list = string.sub(state.list, 1, place - 1) .. text .. string.sub(state.list, next)
  end

  local function place_of(state, id)
    local _, last = string.find(state.list, ' ' .. string.format(INTEGER, id) .. ';', 1, true)
    if not last then return nil end
    local _, place = entry_before(state, last + 1)
    return place
  end

  local function insert(state, ending, units, id)
    local place = #state.list + 1
    while place > 1 do
      local other, before = entry_before(state, place)
      if other <= ending then break end
      place = before
    end
    splice(state, place, place, string.format(THREE, ending, units, id) .. ';')
    state.held = state.held + units
  end

  local function remove(state, place)
    local _, units, next = entry(state, place)
    splice(state, place, next, '')
    state.held = state.held - units
    return units
  end

  -- Whoever only peeks has no id.
  local function charge(self, state, op, now)
    prune(state, now)
    insert(state, now + self.lease, op.cost, op.id or 0)
  end

  return {
    empty = function() return { held = 0, list = '' } end,

    decode = function(_, text)
      local held, list = string.match(text, '^(%d+) (.*)$')
      if not held or (held == '0') ~= (list == '') then malformed() end
      return { held = integer(held), list = list }
    end,

    encode = function(_, state) return string.format(INTEGER, state.held) .. ' ' .. state.list end,

    rebase = function(self, state, _, now)
      local ending = now + self.lease
      local latest = ending + MAX_SET_BACK_MS
      if last_end(state) <= latest then return false end
      local place = first_after(state, latest)
      local beyond = string.gsub(string.sub(state.list, place), '%d+ (%d+ %d+;)', string.format(INTEGER, ending) .. ' %1')
      state.list = string.sub(state.list, 1, place - 1)
      place = first_after(state, ending)
      splice(state, place, place, beyond)
      return true
    end,

    admits = function(_, state, op, now) return live(state, now) + op.cost <= op.limit end,

    charge = charge,
    charge_refused = charge,
    refund = function() end,

    reply = function(_, state, op, now)
      local place, ended = first_after(state, now)
      local held = state.held - ended
      local missing = held + op.cost - op.limit
      local ending, units, next = entry(state, place)
      while ending and next <= #state.list and missing > units do
        missing = missing - units
        ending, units, next = entry(state, next)
      end
      local freed_by = missing <= 0 and 0 or ending or 0
      return held, freed_by, held == 0 and 0 or last_end(state)
    end,

    renew = function(self, state, op, now)
      local place = place_of(state, op.id)
      if not place or (entry(state, place)) <= now then return false end
      insert(state, now + self.lease, remove(state, place), op.id)
      return true
    end,

    release = function(_, state, op)
      local place = place_of(state, op.id)
      if not place then return false end
      remove(state, place)
      return true
    end,

    reset_ms = function(_, state, now) return math.max(0, last_end(state) - now) end,
  }
end
