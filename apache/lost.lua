-- PostgREST 12.0.2 answers a statement whose connection to PostgreSQL is lost with 400, and with nothing to say. That is
-- nobody's mistake who asked: it becomes 503, as all else is while the database is away. All other answers pass.
local SAID = '{"code":"","details":null,"hint":null,"message":""}'
local INSTEAD = '{"code":"unavailable","message":"The database broke off before its answer.","details":null,' ..
  '"hint":"Look whether it was done, then try again."}'

function output(r)
  if r.status ~= 400 then return end
  coroutine.yield()
  while bucket ~= nil do
    if bucket == SAID then
      r.status = 503
      r.headers_out["Content-Length"] = tostring(#INSTEAD)
      coroutine.yield(INSTEAD)
    else
      coroutine.yield(bucket)
    end
  end
  coroutine.yield()
end
