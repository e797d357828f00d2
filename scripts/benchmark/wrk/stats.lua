-- GET /api/stats; the key comes from wrk's -H.
--     wrk -t1 -c64 -d3s -s stats.lua -H 'x-api-key: ...' http://127.0.0.1:8001/api/stats
dofile("report.lua")
