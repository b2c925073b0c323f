// Joined by join-lua.mjs from the .lua files of packages/core and packages/redis. Do not edit: write `pnpm lua`.

export const SHA1 = '5c2e2f55bd16dc154a18ecc4625dde27025208ff'

export const SCRIPT = `local MAX_COUNT = 2 ^ 52
local MAX_SET_BACK_MS = 60000
local MALFORMED = {}
local algorithms = {}
local function malformed()
error(MALFORMED)
end
local functions = {}
local function algorithm_of(parameters)
local name = parameters.name
if not functions[name] then
functions[name] = algorithms[name]()
functions[name].__index = functions[name]
end
if parameters.inner then algorithm_of(parameters.inner) end
return setmetatable(parameters, functions[name])
end
local INTEGER = string.format('%d', MAX_COUNT) == '4503599627370496' and '%d' or '%.0f'
local TWO = INTEGER .. ' ' .. INTEGER
local THREE = TWO .. ' ' .. INTEGER
local function text_of_three(_, state)
return string.format(THREE, state[1], state[2], state[3])
end
local MAX_DIGITS = 16
local function integer(digits)
if not digits or #digits > MAX_DIGITS then malformed() end
return tonumber(digits)
end
local function integers(_, text)
local a, b, c = string.match(text, '^(%d+) (%d+) (%d+)$')
return { integer(a), integer(b), integer(c) }
end
do
local LONGEST = 53
function algorithms.leases()
local function entry(state, place)
if place > #state.list then return nil end
local _, last, ending, units = string.find(state.list, '^(%d+) (%d+) %d+;', place)
if not last then malformed() end
return integer(ending), integer(units), last + 1
end
local function entry_before(state, place)
local from = math.max(1, place - LONGEST)
local first, ending = string.match(string.sub(state.list, from, place - 1), '^.*%f[%d]()(%d+) %d+ %d+;$')
if not first then malformed() end
return integer(ending), from + first - 1
end
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
end
do
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
end
do
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
end
do
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
end
do
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
end
do
local LONGEST = 36
function algorithms.log()
local FOUR = TWO .. ' ' .. TWO
local function all_expired(self, state, now)
return state.last_units == 0 or state.last_time + self.window <= now
end
local function is_same_segment(self, a, b)
return math.floor(a / self.segment) == math.floor(b / self.segment)
end
local function entry(state, place)
if place > #state.older then return nil end
local _, last, time, units = string.find(state.older, '^(%d+) (%d+) ?', place)
if not last then malformed() end
return integer(time), integer(units), last + 1
end
local function entry_before(state, place)
if place == 1 then return nil end
local from = math.max(1, place - LONGEST)
local chunk = string.sub(state.older, from, place - 1)
local first, time, units = string.match(chunk, '^.*%f[%d]()(%d+) (%d+) ?$')
if not first then malformed() end
return integer(time), integer(units), from + first - 1
end
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
end
local function consume(policies, ops, now)
local outcome = { now, 1 }
local passed = true
for i = 1, #ops do
local op = ops[i]
local policy = policies[op.policy]
local algorithm = policy.algorithm
local state = op.found or algorithm:empty()
op.state = state
op.written = algorithm:rebase(state, op, now)
op.passed = op.fits and algorithm:admits(state, op, now)
if not op.passed and not policy.shadow then passed = false end
end
for i = 1, #ops do
local op = ops[i]
local policy, state = policies[op.policy], op.state
local algorithm = policy.algorithm
if op.cost > 0 and op.fits then
local charged = passed and op.passed
if charged then
algorithm:charge(state, op, now)
elseif policy.chargeRefused then
algorithm:charge_refused(state, op, now)
end
local punished = not op.passed and algorithm.punish and algorithm:punish(state, now)
if charged or policy.chargeRefused or punished then op.written = true end
end
outcome[i + 2] = { op.passed and 1 or 0, algorithm:reply(state, op, now) }
end
if not passed then outcome[2] = 0 end
return outcome
end
local function adjust(policies, ops, now)
local outcome = { now, 1 }
for i = 1, #ops do
local op = ops[i]
local algorithm = policies[op.policy].algorithm
local state = op.found or algorithm:empty()
if op.cost < 0 then algorithm:refund(state, op, now) elseif op.cost > 0 then algorithm:charge(state, op, now) end
op.state, op.written = state, op.cost > 0 or (op.cost < 0 and op.found)
outcome[i + 2] = { 1, algorithm:reply(state, op, now) }
end
return outcome
end
local function hold_or_release(policies, ops, mode, now)
local outcome = { now, 1 }
for i = 1, #ops do
local op = ops[i]
local algorithm = policies[op.policy].algorithm
local state = op.found or algorithm:empty()
local passed = algorithm[mode] and algorithm[mode](algorithm, state, op, now)
op.state, op.written = state, passed
if not passed then outcome[2] = 0 end
outcome[i + 2] = { passed and 1 or 0, algorithm:reply(state, op, now) }
end
return outcome
end
local function reset(policies, ops, now)
local outcome = { now, 1 }
for i = 1, #ops do
local op = ops[i]
local algorithm = policies[op.policy].algorithm
op.written = true
outcome[i + 2] = { 1, algorithm:reply(algorithm:empty(), op, now) }
end
return outcome
end
local function transition(policies, ops, mode, now)
for i = 1, #ops do
local op = ops[i]
if op.edges and (now < op.edges[1] or now >= op.edges[4]) then return { now, 0 } end
end
if mode == 'consume' or mode == 'peek' then return consume(policies, ops, now) end
if mode == 'adjust' then return adjust(policies, ops, now) end
if mode == 'reset' then return reset(policies, ops, now) end
return hold_or_release(policies, ops, mode, now)
end
local policies = cjson.decode(ARGV[1])
for i = 1, #policies do
local policy = policies[i]
policy.algorithm = algorithm_of(policy.twin)
end
local server_now
local function clock()
if not server_now then
local time = redis.call('TIME')
server_now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end
return server_now
end
local states = {}
local writers = {}
local function get(command, key)
local text = redis.pcall(command, key)
if type(text) ~= 'table' then return text end
return string.find(text.err, 'WRONGTYPE', 1, true) and MALFORMED or redis.call(command, key)
end
local function read(place)
local text = get('GET', KEYS[place])
if text == MALFORMED then malformed() end
return text
end
local function copy(state)
local fields = {}
for field, value in pairs(state) do fields[field] = value end
return fields
end
local function load(op, is_kept)
local state = states[op.key]
if state == nil then
local text = read(op.key)
state = text and policies[op.policy].algorithm:decode(text)
if not is_kept then return state end
states[op.key] = state
end
return state and copy(state)
end
local SETTLED_MS = 60000
local made = {}
local function was_made(once, now)
if made[once] then return made[once].known > now end
local text = read(once)
return text and integer(string.match(text, '^%d+$')) > now
end
local function decide(call)
local now, ops, mode, once = call.now or clock(), call.ops, call.mode, call.once
if once and was_made(once, now) then
once = nil
for _, op in ipairs(ops) do op.cost = 0 end
end
if mode ~= 'reset' then
for i = 1, #ops do ops[i].found = load(ops[i], mode == 'peek') end
end
local outcome = transition(policies, ops, mode, now)
if mode == 'peek' then return outcome end
local expires = not call.now
for i = 1, #ops do
local op = ops[i]
if expires and op.written and op.state then
op.lives = policies[op.policy].algorithm:reset_ms(op.state, now) + MAX_SET_BACK_MS
end
end
for i = 1, #ops do
local op = ops[i]
if op.written then
states[op.key], writers[op.key] = op.state or false, op
elseif mode ~= 'reset' then
states[op.key] = op.found
end
end
if once and outcome[3] then made[once] = { known = now + SETTLED_MS, lives = expires and SETTLED_MS } end
return outcome
end
local answers = {}
for i, call in ipairs(cjson.decode(ARGV[2])) do
local done, outcome = pcall(decide, call)
if not done and outcome ~= MALFORMED then error(outcome, 0) end
answers[i] = done and outcome or 'MALFORMED'
end
local function set(place, text, ms)
if not ms then return redis.call('SET', KEYS[place], text) end
redis.call('SET', KEYS[place], text, 'PX', string.format(INTEGER, ms))
end
if next(writers) == nil and next(made) == nil then get('GETEX', KEYS[1]) end
for place, op in pairs(writers) do
if op.state then
set(place, policies[op.policy].algorithm:encode(op.state), op.lives)
else
redis.call('DEL', KEYS[place])
end
end
for place, adjustment in pairs(made) do set(place, string.format(INTEGER, adjustment.known), adjustment.lives) end
return answers`
