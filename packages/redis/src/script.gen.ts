// Joined by join-lua.mjs from the .lua files of packages/core and packages/redis. Do not edit: write `pnpm lua`.

export const SHA1 = '77487061fab609fc42590b28fc8598f3ff9fe3c8'

export const SCRIPT = `local MAX_COUNT = 2 ^ 52
local MAX_SET_BACK_MS = 60000
local ABSENT = {}
local MALFORMED = {}
local algorithms = {}
local function malformed()
error(MALFORMED)
end
local FORMAT = '%.0f %.0f %.0f %.0f'
local function text_of(numbers)
return string.format(string.sub(FORMAT, 1, 5 * #numbers - 1), unpack(numbers))
end
local function integers(text)
local a, b, c = string.match(text, '^(%d+) (%d+) (%d+)$')
if not a or #text > 50 then malformed() end
return { tonumber(a), tonumber(b), tonumber(c) }
end
do
local START, END, COUNT = 1, 2, 3
function algorithms.window(options)
local length, floats, soft = options.length, options.floats, options.soft
local function window(now, op)
local edges = op.edges
if edges then
local next = 1
while edges[next] <= now do next = next + 1 end
return edges[next - 1], edges[next]
end
local start = floats and now or math.floor(now / length) * length
return start, start + length
end
local function counts(state, now)
return state[COUNT] > 0 and now < state[END]
end
local function charge(state, op, now)
if not counts(state, now) then
state[START], state[END] = window(now, op)
state[COUNT] = 0
end
state[COUNT] = math.min(state[COUNT] + op.cost, MAX_COUNT)
end
return {
empty = function() return { 0, 0, 0 } end,
encode = text_of,
decode = function(text)
local minus, unsigned = string.match(text, '^(-?)(.*)$')
local state = integers(unsigned)
if minus == '-' then state[START] = -state[START] end
return state
end,
rebase = function(state, op, now)
if state[COUNT] == 0 or state[START] <= now + MAX_SET_BACK_MS then return false end
state[START], state[END] = window(now, op)
return true
end,
admits = function(state, op, now)
return soft or (counts(state, now) and state[COUNT] or 0) + op.cost <= op.limit
end,
charge = charge,
charge_refused = charge,
refund = function(state, op, now)
if not counts(state, now) or state[START] ~= op.mark then return end
state[COUNT] = state[COUNT] - math.min(-op.cost, state[COUNT])
end,
reply = function(state, op, now)
if counts(state, now) then return { state[START], state[END], state[COUNT] } end
local start, ending = window(now, op)
return { start, ending, 0 }
end,
reset_ms = function(state, now)
return state[COUNT] > 0 and math.max(0, state[END] - now) or 0
end,
}
end
end
do
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
if level == 0 or elapsed >= math.ceil(level / stored) then return 0 end
return level - elapsed * stored
end
local function level_at(state, now)
return drain(state[LEVEL], state[TIME], state[RATE], now)
end
local function write(state, now, stored, next)
local level = level_at(state, now)
state[LEVEL] = next(level)
state[TIME] = level == 0 and now or math.max(state[TIME], now)
state[RATE] = stored
end
return {
empty = function() return { 0, 0, 0 } end,
encode = text_of,
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
write(state, now, rate(op.limit), function(level)
return math.min(level + op.cost * period, MAX_COUNT)
end)
end,
charge_refused = function(state, op, now)
write(state, now, rate(op.limit), function(level)
return math.max(level, math.min(level + op.cost * period, room(op.limit)))
end)
end,
refund = function(state, op, now)
if shapes or now - op.mark >= window(op.limit) then return end
write(state, now, state[RATE], function(level)
return level - math.min(-op.cost * period, level)
end)
end,
reply = function(state) return { state[LEVEL], state[TIME], state[RATE] } end,
reset_ms = function(state, now)
local level = level_at(state, now)
if level == 0 then return 0 end
return math.max(0, state[TIME] - now) + math.ceil(level / state[RATE])
end,
}
end
end
do
local START, CURRENT, PREVIOUS = 1, 2, 3
function algorithms.counter(options)
local window = options.window
local function at(state, now)
local start, current, previous = state[START], state[CURRENT], state[PREVIOUS]
if current + previous > 0 and now < start + window then return start, current, previous end
if current > 0 and now < start + 2 * window then return start + window, 0, current end
return math.floor(now / window) * window, 0, 0
end
local function charge(state, op, now)
local start, current, previous = at(state, now)
state[START] = start
state[CURRENT] = math.min(current + op.cost, MAX_COUNT)
state[PREVIOUS] = previous
end
return {
empty = function() return { 0, 0, 0 } end,
decode = integers,
encode = text_of,
rebase = function(state, _, now)
if state[START] <= now + MAX_SET_BACK_MS then return false end
state[START] = math.floor(now / window) * window
return true
end,
admits = function(state, op, now)
local start, current, previous = at(state, now)
local elapsed = math.max(0, now - start)
local room = op.limit - current - op.cost
return room >= 0 and previous * (window - elapsed) <= room * window
end,
charge = charge,
charge_refused = charge,
refund = function(state, op, now)
local start, current = at(state, now)
if start ~= op.mark or current == 0 then return end
state[CURRENT] = current - math.min(-op.cost, current)
end,
reply = function(state, _, now) return { at(state, now) } end,
reset_ms = function(state, now)
local start, current, previous = at(state, now)
if current > 0 then return start + 2 * window - now end
return previous > 0 and start + window - now or 0
end,
}
end
end
do
function algorithms.log(options)
local window, entries, segment = options.window, options.entries, options.segment
local function all_expired(state, now)
return state.last_units == 0 or state.last_time + window <= now
end
local function is_same_segment(a, b)
return math.floor(a / segment) == math.floor(b / segment)
end
local function entry(state, place)
if place > #state.older then return nil end
local _, last, time, units = string.find(state.older, '^(%d+) (%d+) ?', place)
if not last then malformed() end
return tonumber(time), tonumber(units), last + 1
end
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
end
local function consume(policies, ops, loaded, now)
local outcome, writes, states, admitted = { now, 1 }, {}, {}, {}
local passed = true
for i, op in ipairs(ops) do
local policy = policies[op.policy]
local algorithm = policy.algorithm
local state = loaded[i] or algorithm.empty()
local rebased = algorithm.rebase(state, op, now)
admitted[i] = op.fits and algorithm.admits(state, op, now)
if not admitted[i] and not policy.shadow then passed = false end
if rebased then writes[i] = state end
states[i] = state
end
for i, op in ipairs(ops) do
local policy, state = policies[op.policy], states[i]
local algorithm = policy.algorithm
local charged = passed and admitted[i]
if op.cost > 0 and op.fits and (charged or policy.chargeRefused) then
if charged then algorithm.charge(state, op, now) else algorithm.charge_refused(state, op, now) end
writes[i] = state
end
outcome[i + 2] = { admitted[i] and 1 or 0, unpack(algorithm.reply(state, op, now)) }
end
outcome[2] = passed and 1 or 0
return outcome, writes
end
local function adjust(policies, ops, loaded, now)
local outcome, writes = { now, 1 }, {}
for i, op in ipairs(ops) do
local algorithm = policies[op.policy].algorithm
local state = loaded[i] or algorithm.empty()
if op.cost < 0 then algorithm.refund(state, op, now) elseif op.cost > 0 then algorithm.charge(state, op, now) end
if op.cost > 0 or (op.cost < 0 and loaded[i]) then writes[i] = state end
outcome[i + 2] = { 1, unpack(algorithm.reply(state, op, now)) }
end
return outcome, writes
end
local function reset(policies, ops, now)
local outcome, writes = { now, 1 }, {}
for i, op in ipairs(ops) do
local algorithm = policies[op.policy].algorithm
writes[i] = ABSENT
outcome[i + 2] = { 1, unpack(algorithm.reply(algorithm.empty(), op, now)) }
end
return outcome, writes
end
local function copies(states)
local copy = {}
for i, state in pairs(states) do
copy[i] = {}
for field, value in pairs(state) do copy[i][field] = value end
end
return copy
end
local function transition(policies, ops, mode, loaded, now)
for _, op in ipairs(ops) do
if op.edges and (now < op.edges[1] or now >= op.edges[4]) then return { now, 0 }, {} end
end
if mode == 'consume' then return consume(policies, ops, loaded, now) end
if mode == 'peek' then return (consume(policies, ops, copies(loaded), now)), {} end
if mode == 'adjust' then return adjust(policies, ops, loaded, now) end
return reset(policies, ops, now)
end
local policies = cjson.decode(ARGV[1])
for _, policy in ipairs(policies) do
policy.algorithm = algorithms[policy.twin.name](policy.twin)
end
local server_now
local function clock()
if not server_now then
local time = redis.call('TIME')
server_now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end
return server_now
end
local states, changes = {}, {}
local function get(command, key)
local text = redis.pcall(command, key)
if type(text) ~= 'table' then return text end
return string.find(text.err, 'WRONGTYPE', 1, true) and MALFORMED or redis.call(command, key)
end
local function load(op)
local state = states[op.key]
if state == nil then
local text = get('GET', KEYS[op.key])
if text == MALFORMED then malformed() end
state = text and policies[op.policy].algorithm.decode(text) or ABSENT
states[op.key] = state
end
return state
end
local function decide(call)
local loaded = {}
for i, op in ipairs(call.ops) do
local state = call.mode == 'reset' and ABSENT or load(op)
if state ~= ABSENT then loaded[i] = state end
end
local now = call.now or clock()
local outcome, writes = transition(policies, call.ops, call.mode, loaded, now)
for i, state in pairs(writes) do
local op = call.ops[i]
states[op.key] = state
changes[op.key] = { state = state, algorithm = policies[op.policy].algorithm, now = now, expires = not call.now }
end
return outcome
end
local answers = {}
for i, call in ipairs(cjson.decode(ARGV[2])) do
local done, outcome = pcall(decide, call)
if not done and outcome ~= MALFORMED then error(outcome, 0) end
answers[i] = done and outcome or 'MALFORMED'
end
if next(changes) == nil then get('GETEX', KEYS[1]) end
for place, change in pairs(changes) do
local key, state, algorithm = KEYS[place], change.state, change.algorithm
if state == ABSENT then
redis.call('DEL', key)
elseif change.expires then
local px = algorithm.reset_ms(state, change.now) + MAX_SET_BACK_MS
redis.call('SET', key, algorithm.encode(state), 'PX', string.format('%.0f', px))
else
redis.call('SET', key, algorithm.encode(state))
end
end
return answers`
