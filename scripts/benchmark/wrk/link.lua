-- POST /api/generate-upload-link; the key comes from wrk's -H.
--     wrk -t1 -c64 -d3s -s link.lua -H 'x-api-key: ...' .../api/generate-upload-link
dofile("report.lua")
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{"expiry": 60}'
