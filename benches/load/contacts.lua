-- The contacts that the loads send, as benches/data.py stores them and benches/pgbench.py writes them:
-- contact n belongs to company (n - 1) % companies + 1.

local contacts = {}

local ffi = require("ffi")
ffi.cdef([[
    typedef struct { long seconds; long nanoseconds; } bench_time;
    int clock_gettime(int clock, bench_time *time);
]])
local time = ffi.new("bench_time")

-- Milliseconds on a clock with an arbitrary start.
function contacts.now()
    ffi.C.clock_gettime(1, time)
    return tonumber(time.seconds) * 1000 + tonumber(time.nanoseconds) / 1e6
end

-- The arguments NAME=VALUE of a script.
function contacts.settings(arguments)
    local settings = {}
    for _, argument in ipairs(arguments) do
        local name, value = argument:match("^(%w+)=(.*)$")
        settings[name] = tonumber(value) or value
    end
    return settings
end

-- The request headers of each company, built once. The file has one token per line, in the order of companies.
function contacts.headers(path)
    local headers = {}
    for token in io.lines(path) do
        headers[#headers + 1] = {
            ["Authorization"] = "Bearer " .. token,
            ["Content-Type"] = "application/json",
        }
    end
    return headers
end

-- New contacts of two runs must differ.
function contacts.seed(thread)
    math.randomseed(contacts.now() * 1000 + os.time() + thread * 7919)
end

function contacts.email(number)
    return string.format("contact-%d@example.com", number)
end

local BODY = '{"email": "%s", %s"customFields": {"plan": "pro", "visits": %d, '
    .. '"lastOrder": "order-%d", "tags": ["web", "shop"], '
    .. '"address": {"city": "Torino", "zip": "10121"}}, "marketingConsent": {"email": true}}'

-- Every third contact has a phone.
local function body(email, number, first_phone, visits)
    local phone = ""
    if number % 3 == 0 then
        phone = string.format('"phone": "+39%.0f", ', first_phone + number)
    end
    return string.format(BODY, email, phone, visits, visits)
end

-- A stored contact with this many visits. When it was loaded, the number of visits was its own number.
function contacts.stored(number, visits)
    return body(contacts.email(number), number, 3e9, visits)
end

function contacts.new()
    local number = math.random(1, 999999999999)
    return body(string.format("new-%.0f@example.com", number), number, 1e12, number)
end

return contacts
