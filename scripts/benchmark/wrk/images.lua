-- GET of many different images, in the order of a file with one path a line.
--     wrk -t1 -c64 -d3s -s images.lua http://127.0.0.1:8001 -- paths.txt
dofile("report.lua")

local requests, count, turn = {}, 0, 0

function init(arguments)
   local made = {}     -- a path that comes again is formatted once
   for path in io.lines(arguments[1]) do
      made[path] = made[path] or wrk.format("GET", path)
      count = count + 1
      requests[count] = made[path]
   end
end

function request()
   turn = turn % count + 1
   return requests[turn]
end
