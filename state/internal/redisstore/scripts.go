package redisstore

import (
	"crypto/sha1"
	"encoding/hex"
)

// script is a Lua script that touches KEYS[1] and nothing else.
type script struct {
	source string
	// sum is the SHA-1 by which Redis names it.
	sum string
}

func newScript(source string) *script {
	sum := sha1.Sum([]byte(source))
	return &script{source: source, sum: hex.EncodeToString(sum[:])}
}

// scripts are all scripts of a store.
type scripts struct {
	swap, drop, place, unplace              *script
	restore, end, signOut, refresh, prolong *script
	take, give, putBack                     *script
}

func newScripts() scripts {
	return scripts{
		swap:    newScript(luaAccount + luaCompare + luaSwap),
		drop:    newScript(luaCompare + luaEnd),
		place:   newScript(luaAccount + luaPlace),
		unplace: newScript(luaUnplace),
		restore: newScript(luaAccount + luaRestore),
		end:     newScript(luaEnd),
		signOut: newScript(luaSignOut),
		refresh: newScript(luaRefresh),
		prolong: newScript(luaProlong),
		take:    newScript(luaInsert + luaTake),
		give:    newScript(luaGive),
		putBack: newScript(luaInsert + luaPutBack),
	}
}

func (s *scripts) all() []*script {
	return []*script{
		s.swap, s.drop, s.place, s.unplace, s.restore, s.end,
		s.signOut, s.refresh, s.prolong, s.take, s.give, s.putBack,
	}
}

// Arguments of all scripts about a record begin alike where they share a part.
const (
	// luaAccount stores a snapshot unless a later revision is there.
	luaAccount = `
local function account(acct, rev)
  if acct == '' then return end
  local was = redis.call('HGET', KEYS[1], 'arev')
  if not was or tonumber(was) <= tonumber(rev) then
    redis.call('HSET', KEYS[1], 'acct', acct, 'arev', rev)
  end
end
`
	// luaCompare returns the fields of the hash unless its version is ARGV[1]; version 0
	// is no hash at all, not even a tombstone.
	luaCompare = `
local lost
if ARGV[1] == '0' then
  lost = redis.call('EXISTS', KEYS[1]) == 1
else
  local runs = redis.call('HGET', KEYS[1], 'runs')
  lost = not runs or string.match(runs, '^%d+') ~= ARGV[1]
end
if lost then
  return redis.call('HMGET', KEYS[1], 'runs', 'acct', 'sess', 'out', 'gone')
end
`
	// luaSwap: 1 from, 2 runs, 3 ttl in ms (0 keeps what is left), 4 account, 5 revision.
	luaSwap = `
redis.call('HSET', KEYS[1], 'runs', ARGV[2])
redis.call('HDEL', KEYS[1], 'rank', 'claims')
account(ARGV[4], ARGV[5])
if ARGV[3] ~= '0' then redis.call('PEXPIRE', KEYS[1], ARGV[3]) end
return 1
`
	// luaEnd: 2 tombstone, 3 ttl in ms; ARGV[1] belongs to luaCompare, if that stands
	// before it.
	luaEnd = `
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'gone', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1
`
	// luaPlace: 1 claim, 2 rank, 3 runs, 4 ttl in ms, 5 account, 6 revision, 7 session.
	// It returns 0 where another record stays: one that was swapped or restored, a
	// tombstone, or one placed from the same version or a later one.
	luaPlace = `
local claims = ''
if redis.call('EXISTS', KEYS[1]) == 1 then
  local rank = redis.call('HGET', KEYS[1], 'rank')
  if not rank then return 0 end
  claims = redis.call('HGET', KEYS[1], 'claims')
  if not string.find(claims, ARGV[1], 1, true) then
    claims = claims .. ARGV[1]
    redis.call('HSET', KEYS[1], 'claims', claims)
  end
  if tonumber(rank) >= tonumber(ARGV[2]) then return 0 end
else
  claims = ARGV[1]
end
redis.call('HSET', KEYS[1], 'runs', ARGV[3], 'sess', ARGV[7], 'rank', ARGV[2], 'claims', claims)
account(ARGV[5], ARGV[6])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return 1
`
	// luaUnplace: 1 claim.
	luaUnplace = `
local claims = redis.call('HGET', KEYS[1], 'claims')
if not claims then return 0 end
local at, last = string.find(claims, ARGV[1], 1, true)
if not at then return 0 end
claims = string.sub(claims, 1, at - 1) .. string.sub(claims, last + 1)
if claims == '' then return redis.call('DEL', KEYS[1]) end
redis.call('HSET', KEYS[1], 'claims', claims)
return 0
`
	// luaRestore: 1 runs, 2 ttl in ms, 3 account, 4 revision, 5 session, 6 signed out (0
	// or 1), 7 repair (0 or 1), 8 the damaged runs that may be replaced.
	luaRestore = `
if redis.call('EXISTS', KEYS[1]) == 1 then
  local was = redis.call('HMGET', KEYS[1], 'runs', 'acct', 'sess', 'out', 'gone')
  if ARGV[7] == '0' or was[5] or (was[1] or '') ~= ARGV[8] then return was end
end
redis.call('HSET', KEYS[1], 'runs', ARGV[1], 'sess', ARGV[5])
redis.call('HDEL', KEYS[1], 'rank', 'claims')
account(ARGV[3], ARGV[4])
if ARGV[6] == '1' then redis.call('HSET', KEYS[1], 'out', '1') end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
`
	luaSignOut = `
if redis.call('HEXISTS', KEYS[1], 'runs') == 0 then return 0 end
redis.call('HSET', KEYS[1], 'out', '1')
return 1
`
	// luaRefresh: 1 account, 2 revision.
	luaRefresh = `
if redis.call('HEXISTS', KEYS[1], 'runs') == 0 then return 0 end
local was = redis.call('HGET', KEYS[1], 'arev')
if was and tonumber(was) >= tonumber(ARGV[2]) then return 0 end
redis.call('HSET', KEYS[1], 'acct', ARGV[1], 'arev', ARGV[2])
return 1
`
	// luaProlong: 1 session, 2 ttl in ms, which never shortens what is left.
	luaProlong = `
if redis.call('HEXISTS', KEYS[1], 'runs') == 0 then return 0 end
redis.call('HSET', KEYS[1], 'sess', ARGV[1])
local left = redis.call('PTTL', KEYS[1])
if left >= 0 and left < tonumber(ARGV[2]) then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return 1
`
	// luaInsert puts a time into the list and keeps it sorted: clocks of several servers
	// differ a little.
	luaInsert = `
local function insert(at)
  local tail = redis.call('LINDEX', KEYS[1], -1)
  if tail and tonumber(tail) > tonumber(at) then
    for _, later in ipairs(redis.call('LRANGE', KEYS[1], 0, -1)) do
      if tonumber(later) > tonumber(at) then
        redis.call('LINSERT', KEYS[1], 'BEFORE', later, at)
        return
      end
    end
  end
  redis.call('RPUSH', KEYS[1], at)
end
`
	// luaTake: 1 now, 2 window, 3 most uses, 4 ttl, times in ms. It returns 0, or how
	// many ms until a use is possible.
	luaTake = `
local now, per, max = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
if max < 1 then return math.max(per, 1) end
while true do
  local oldest = redis.call('LINDEX', KEYS[1], 0)
  if not oldest or tonumber(oldest) > now - per then break end
  redis.call('LPOP', KEYS[1])
end
local used = redis.call('LLEN', KEYS[1])
if used >= max then
  return tonumber(redis.call('LINDEX', KEYS[1], used - max)) + per - now
end
insert(ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return 0
`
	// luaGive: 1 the time of the use, or "all". It returns what it removed.
	luaGive = `
if ARGV[1] == 'all' then
  local was = redis.call('LRANGE', KEYS[1], 0, -1)
  redis.call('DEL', KEYS[1])
  return was
end
if redis.call('LREM', KEYS[1], -1, ARGV[1]) == 1 then return {ARGV[1]} end
return {}
`
	// luaPutBack: 1 ttl in ms, then times.
	luaPutBack = `
for i = 2, #ARGV do insert(ARGV[i]) end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 1
`
)
