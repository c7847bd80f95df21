-- Sends reports as JSON, each from another network. Arguments: the file of bodies and a seed.
-- Requests are made before the run, so that wrk has time to send them.

dofile("crates/measure/src/bench/done.lua")

local REQUESTS = 20000
local AGENTS = 50
local requests = {}
local turn = 0

local function network()
  local first = math.random(1, 223)
  if first == 10 or first == 127 then first = 81 end
  return string.format("%d.%d.%d.%d", first, math.random(0, 255), math.random(0, 255), 7)
end

function init(args)
  math.randomseed(tonumber(args[2]))
  local bodies = {}
  for line in io.lines(args[1]) do bodies[#bodies + 1] = line end
  for i = 1, REQUESTS do
    local headers = {
      ["Host"] = wrk.headers["Host"],
      ["Content-Type"] = "application/json",
      ["User-Agent"] = "bench/" .. math.random(1, AGENTS),
      ["X-Forwarded-For"] = network(),
    }
    requests[i] = wrk.format("POST", nil, headers, bodies[math.random(1, #bodies)])
  end
end

function request()
  turn = turn % REQUESTS + 1
  return requests[turn]
end
