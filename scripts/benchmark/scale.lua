-- What scale_server.py has wrk send, and how wrk tells what came of it.
--
--   wrk … -s scale.lua URL -- get PATH...           GETs of the paths in turn
--   wrk … -s scale.lua URL -- get-with-key KEY PATH
--   wrk … -s scale.lua URL -- upload KEY PATH FILE  the file's bytes with other ones behind them

local requests, turn = {}, 0

-- A form whose file nobody has sent before: the image's bytes, and a number that no run repeats.
local function form(image, unique)
    local boundary = "scale"
    return "--" .. boundary .. "\r\nContent-Disposition: form-data; name=\"image_files\"; "
        .. "filename=\"a.jpg\"\r\n\r\n" .. image .. unique .. "\r\n--" .. boundary .. "--\r\n"
end

local function upload(arguments)
    local file = assert(io.open(arguments[4], "rb"))
    local image = file:read("*a")
    file:close()
    local run = tostring(os.time()) .. tostring(wrk.thread) .. tostring(math.random())
    local head = { ["x-api-key"] = arguments[2],
                   ["Content-Type"] = "multipart/form-data; boundary=scale" }
    request = function()
        turn = turn + 1
        return wrk.format("POST", arguments[3], head, form(image, run .. turn))
    end
end

function init(arguments)
    local kind = arguments[1]
    if kind == "upload" then return upload(arguments) end
    local first = kind == "get" and 2 or 3
    local head = kind == "get" and {} or { ["x-api-key"] = arguments[2] }
    for number = first, #arguments do
        requests[#requests + 1] = wrk.format("GET", arguments[number], head)
    end
    request = function()
        turn = turn % #requests + 1
        return requests[turn]
    end
end

function done(summary, latency)
    local errors = summary.errors
    io.stderr:write(string.format(
        '{"requests": %d, "microseconds": %d, "errors": %d, "p50": %d, "p99": %d, "p99.9": %d}\n',
        summary.requests, summary.duration,
        errors.connect + errors.read + errors.write + errors.status + errors.timeout,
        latency:percentile(50), latency:percentile(99), latency:percentile(99.9)))
end
