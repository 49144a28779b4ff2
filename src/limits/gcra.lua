-- GCRA in Redis: updates two meters atomically, with the same arithmetic as gcra.rs.
--
-- KEYS     the meter of an API key and the meter of its company; both have the company's hash tag.
--          A meter is "<used> <at>"; <at> is in microseconds on the clock of Redis.
-- ARGV     the whole cost, and the part of it that was taken before; then the limit and the window (in
--          microseconds) of each meter
-- returns  1 (allowed) or 0 (rejected), and how much of each meter is used afterwards
--
-- The cost is taken from both meters, or from neither. If it is rejected, the part taken before is refunded.
local cost = tonumber(ARGV[1])
local taken = tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]

local meters = {}
local allowed = true
for i, key in ipairs(KEYS) do
    local limit = tonumber(ARGV[2 * i + 1])
    local window = tonumber(ARGV[2 * i + 2])
    local used = 0
    local stored = redis.call('GET', key)
    if stored then
        local before, at = string.match(stored, '^(%S+) (%S+)$')
        local drained = math.max(now - at, 0) * limit / window
        used = math.max(math.min(math.max(before - drained, 0), limit) - taken, 0)
    end
    -- A request with cost 0 is rejected if no request is left.
    allowed = allowed and math.max(cost, 1) <= limit - used + 1e-6
    meters[i] = { key = key, limit = limit, window = window, used = used, is_stored = stored }
end

local answer = { allowed and 1 or 0 }
for i, meter in ipairs(meters) do
    if allowed then
        meter.used = meter.used + cost
    end
    -- A rejected request is stored as well, because a lowered limit caps the used part.
    local lifetime = math.ceil(meter.used * meter.window / meter.limit / 1000)
    if lifetime > 0 then
        redis.call('SET', meter.key, string.format('%.17g %.0f', meter.used, now), 'PX', lifetime)
    elseif meter.is_stored then
        redis.call('DEL', meter.key)
    end
    answer[i + 1] = string.format('%.17g', meter.used)
end
return answer
