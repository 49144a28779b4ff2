-- GCRA in Redis: one atomic step, the twin of Meter::take in gcra.rs.
--
-- KEYS[1]  the meter of one API key: "<used> <at>", at in microseconds of Redis' own clock
-- ARGV     limit, window in microseconds, cost
-- returns  1 or 0 (allowed or not), and how much is used afterwards
local limit = tonumber(ARGV[1])
local window = tonumber(ARGV[2])
local cost = tonumber(ARGV[3])
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]

local used = 0
local meter = redis.call('GET', KEYS[1])
if meter then
    local stored, at = string.match(meter, '^(%S+) (%S+)$')
    local drained = math.max(now - at, 0) * limit / window
    used = math.min(math.max(stored - drained, 0), limit)
end

-- What costs nothing is refused when nothing is left.
local allowed = math.max(cost, 1) <= limit - used + 1e-6
if allowed then
    used = used + cost
end
-- Also when refused: a limit that was lowered caps what is used, once.
local lifetime = math.ceil(used * window / limit / 1000)
if lifetime > 0 then
    redis.call('SET', KEYS[1], string.format('%.17g %.0f', used, now), 'PX', lifetime)
elseif meter then
    redis.call('DEL', KEYS[1])
end
return { allowed and 1 or 0, string.format('%.17g', used) }
