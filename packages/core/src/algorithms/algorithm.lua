-- What all twins share: the constants of algorithm.ts, and states as text.
-- Each twin adds its constructor to `algorithms`, under the name that its TypeScript gives as `twin.name`.

local MAX_COUNT = 2 ^ 52
local MAX_SET_BACK_MS = 60000

-- Thrown where a key holds something that no twin has written.
local MALFORMED = {}

local algorithms = {}

local function malformed()
  error(MALFORMED)
end

-- Integers are written by %.0f: tostring would round them to 14 digits.
local FORMATS = { '%.0f', '%.0f %.0f', '%.0f %.0f %.0f', '%.0f %.0f %.0f %.0f' }

local function text_of(...)
  return string.format(FORMATS[select('#', ...)], ...)
end

-- The integer that a text of digits says. None of ours has more of them: whatever is made of it can be written again.
local MAX_DIGITS = 16
local function integer(digits)
  if not digits or #digits > MAX_DIGITS then malformed() end
  return tonumber(digits)
end

-- The state of three integers that a text says.
local function integers(text)
  local a, b, c = string.match(text, '^(%d+) (%d+) (%d+)$')
  return { integer(a), integer(b), integer(c) }
end

local function text_of_three(state)
  return text_of(state[1], state[2], state[3])
end
