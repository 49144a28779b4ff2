-- Reports a run to the harness: one line of JSON with the number of unexpected responses.

local report = {}
local threads = {}

-- Each thread counts on its own; wrk collects all counts at the end.
function setup(thread)
    threads[#threads + 1] = thread
    thread:set("thread_number", #threads)
end

-- Counts responses that are not 200 with `expected` in their body, and keeps the first one.
function report.check(expected)
    wrong, sample = 0, ""
    response = function(status, _, body)
        if status ~= 200 or not body:find(expected) then
            wrong = wrong + 1
            if sample == "" then
                sample = status .. " " .. body:sub(1, 300)
            end
        end
    end
end

-- Sends at a fixed rate: each request gets the next slot of its thread's schedule, on any connection. wrk counts
-- delays in whole milliseconds.
function report.pace(rate, now)
    local gap = 1000 / rate
    local place
    delay = function()
        place = (place or now()) + gap
        local wait = place - now()
        return wait > 0 and math.floor(wait + math.random()) or 0
    end
end

local function quote(text)
    return '"' .. text:gsub('[%c"\\]', " ") .. '"'
end

function done(summary, latency, _)
    local unexpected, first = 0, ""
    for _, thread in ipairs(threads) do
        unexpected = unexpected + (thread:get("wrong") or 0)
        if first == "" then
            first = thread:get("sample") or ""
        end
    end
    local errors = summary.errors
    io.write(string.format(
        '{"requests": %d, "seconds": %.6f, "p50": %d, "p90": %d, "p99": %d, "max": %d, '
            .. '"errors": {"connect": %d, "read": %d, "write": %d, "timeout": %d, "status": %d, '
            .. '"unexpected": %d}, "sample": %s}\n',
        summary.requests, summary.duration / 1e6, latency:percentile(50), latency:percentile(90),
        latency:percentile(99), latency.max, errors.connect, errors.read, errors.write,
        errors.timeout, errors.status, unexpected, quote(first)
    ))
end

return report
