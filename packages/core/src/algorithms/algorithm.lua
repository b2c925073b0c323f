-- What all twins share: the constants of algorithm.ts, and states as text.
-- Each twin adds to `algorithms` what makes its functions, under the name that its TypeScript gives as `twin.name`.

local MAX_COUNT = 2 ^ 52
local MAX_SET_BACK_MS = 60000

-- Thrown where a key holds something that no twin has written.
local MALFORMED = {}

local algorithms = {}

local function malformed()
  error(MALFORMED)
end

-- By name, the functions of those algorithms that are asked: every run of a script makes its functions anew.
local functions = {}

-- The algorithm with these parameters, which are its fields: none is called as a function is.
local function algorithm_of(parameters)
  local name = parameters.name
  if not functions[name] then
    functions[name] = algorithms[name]()
    functions[name].__index = functions[name]
  end
  if parameters.inner then algorithm_of(parameters.inner) end
  return setmetatable(parameters, functions[name])
end

-- Integers are not written by tostring, which would round them to 14 digits. %d is faster than %.0f, and wrong where a C long
-- has 32 bits.
local INTEGER = string.format('%d', MAX_COUNT) == '4503599627370496' and '%d' or '%.0f'
local TWO = INTEGER .. ' ' .. INTEGER
local THREE = TWO .. ' ' .. INTEGER

local function text_of_three(_, state)
  return string.format(THREE, state[1], state[2], state[3])
end

-- None of ours has more digits: whatever is made of it can be written again.
local MAX_DIGITS = 16

-- The integer that a text of digits says.
local function integer(digits)
  if not digits or #digits > MAX_DIGITS then malformed() end
  return tonumber(digits)
end

-- The state of three integers that a text says.
local function integers(_, text)
  local a, b, c = string.match(text, '^(%d+) (%d+) (%d+)$')
  return { integer(a), integer(b), integer(c) }
end
