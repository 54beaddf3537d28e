-- Bodies on their way to PostgREST.
-- 1. PostgREST 12.0.2 looks for names like those of unknown arguments in a time that grows with the square of their
--    length, before the database is asked whether the token counts. In addresses the virtual host looks at them; here it
--    is the bodies of calls (/api/rpc/...): from MOST characters on, all names together, the rest of the body is made
--    nonsense of the same length, which PostgREST refuses at once. Everything else passes as it is.
-- 2. By HTTP/2 Apache would let somebody send a byte now and then for ever: here a body has SECONDS, and one more for
--    each LEAST_RATE bytes.
local MOST = 512
local SECONDS, LEAST_RATE = 20, 500
local QUOTE, BACKSLASH, OPEN, CLOSE, COMMA = 34, 92, 123, 125, 44
local ARRAY = 91

-- Of a body in JSON: keys of the object, or of each object of an array of them.
local function json()
  local depth, level, object, key_next = 0, 1, false, false
  local in_string, key, skip, total, over = false, false, 0, 0, false

  local function opened(byte)
    depth = depth + 1
    if depth == 1 and byte == ARRAY then level = 2 end
    if depth == level then
      object, key_next, total = byte == OPEN, byte == OPEN, 0
    end
  end

  return function(text)
    local length = #text
    if over then return string.rep('"', length) end
    local at = 1 + skip
    while at <= length do
      if in_string then
        local stop = string.find(text, '["\\]', at)
        if key then total = total + (stop or length + 1) - at end
        if total > MOST then
          over = true
          return string.sub(text, 1, at - 1) .. string.rep('"', length - at + 1)
        end
        if not stop then
          at = length + 1
        elseif string.byte(text, stop) == BACKSLASH then
          if key then total = total + 2 end
          at = stop + 2
        else
          in_string, at = false, stop + 1
        end
      else
        local stop = string.find(text, depth == level and '["{}%[%],]' or '["{}%[%]]', at)
        if not stop then
          at = length + 1
        else
          local byte = string.byte(text, stop)
          if byte == QUOTE then
            in_string, key = true, depth == level and key_next
            if key then key_next = false end
          elseif byte == COMMA then
            key_next = object
          elseif byte == OPEN or byte == ARRAY then
            opened(byte)
          else
            depth = depth - 1
          end
          at = stop + 1
        end
      end
    end
    skip = at - length - 1
    return text
  end
end

-- Of a body as forms send it: name=value&name=value.
local function form()
  local in_value, total, over = false, 0, false
  return function(text)
    local length, at = #text, 1
    if over then return string.rep("&", length) end
    while at <= length do
      local stop = string.find(text, in_value and "&" or "[=&]", at) or length + 1
      if not in_value then total = total + stop - at end
      if total > MOST then
        over = true
        return string.sub(text, 1, at - 1) .. string.rep("&", length - at + 1)
      end
      in_value = string.byte(text, stop) ~= 38 and (in_value or stop <= length)
      at = stop + 1
    end
    return text
  end
end

-- What looks at the body; nothing, where there is no need.
local function looking(r)
  local length = tonumber(r.headers_in["Content-Length"] or "")
  local kind = string.lower(r.headers_in["Content-Type"] or "")
  if not string.find(r.uri, "^/+api/+rpc/") or length and length <= MOST then return nil end
  if string.find(kind, "^application/octet%-stream") then return nil end
  return string.find(kind, "^application/x%-www%-form%-urlencoded") and form() or json()
end

function input(r)
  local timed, look = string.find(r.protocol or "", "^HTTP/2") ~= nil, looking(r)
  if not timed and not look then return end
  local begin, bytes = os.time(), 0
  coroutine.yield()
  while bucket ~= nil do
    bytes = bytes + #bucket
    if timed and os.time() - begin > SECONDS + bytes / LEAST_RATE then error("a body that never ends") end
    coroutine.yield(look and look(bucket) or bucket)
  end
  coroutine.yield()
end
