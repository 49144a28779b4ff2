-- The requests of the benchmark: wrk -s requests.lua URL -- load=NAME tokens=FILE …
--
--   upsert   half changes of stored contacts, half new ones   changed   only changes
--   resent   stored contacts as they are                      lookup    GET by e-mail
--   batch    as upsert, in batches of 500 for one company
--
-- first, rows: the range of stored contacts per company; company: only this company; rate: requests per second
-- of all threads together; checked: whether to check each response. Checking costs a tenth of the fastest load, so
-- only warm-ups do it. In measured runs wrk counts statuses from 400 on. A batch, whose status is 207, is always
-- checked.

local here = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
package.path = here .. "?.lua;" .. package.path
local contacts = require("contacts")
local report = require("report")

local settings, headers, companies
local UPSERT = "/public/v1/contacts"
local BATCH_SIZE = 500

-- The number of a stored contact and its company: this company, or any.
local function pick(company)
    company = company or math.random(companies)
    return settings.first + companies * math.random(0, settings.rows - 1) + company - 1, company
end

local function change(company)
    local number, owner = pick(company)
    return contacts.stored(number, math.random(1, 999999999)), owner
end

local function upsert(company)
    if math.random() < 0.5 then
        return change(company)
    end
    return contacts.new(), company or math.random(companies)
end

local function post(body, company)
    return wrk.format("POST", UPSERT, headers[company], body)
end

local loads = {}

function loads.upsert()
    return post(upsert(settings.company))
end

function loads.changed()
    return post(change(settings.company))
end

function loads.resent()
    local number, owner = pick(settings.company)
    return post(contacts.stored(number, number), owner)
end

function loads.lookup()
    local number, owner = pick()
    return wrk.format("GET", UPSERT .. "/by-email/" .. contacts.email(number), headers[owner])
end

-- Cycles through the companies: no two connections write for the same company at the same time.
local turn = 0
function loads.batch()
    turn = turn % companies + 1
    local bodies = {}
    for index = 1, BATCH_SIZE do
        bodies[index] = upsert(turn)
    end
    local body = '{"contacts": [' .. table.concat(bodies, ", ") .. "]}"
    return wrk.format("POST", UPSERT .. "/batch", headers[turn], body)
end

local expected = {
    -- created or updated
    upsert = '"outcome":"[cu][rp][ed]',
    changed = '"outcome":"updated"',
    resent = '"outcome":"unchanged"',
    lookup = '"email":"contact%-',
    batch = '^%[{"contactId"',
}

function init(arguments)
    settings = contacts.settings(arguments)
    headers = contacts.headers(settings.tokens)
    companies = settings.companies or #headers
    contacts.seed(thread_number)
    if settings.checked then
        report.check(expected[settings.load])
    end
    if settings.rate then
        report.pace(settings.rate / settings.threads, contacts.now)
    end
    request = loads[settings.load]
end
