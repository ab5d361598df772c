package redisstore

import (
	"crypto/sha1"
	"encoding/hex"
)

// script is a Lua script that touches KEYS[1] and nothing else.
type script struct {
	source string
	// sum is the SHA-1 by which Redis names it, a string.
	sum any
}

func newScript(source string) *script {
	sum := sha1.Sum([]byte(source))
	return &script{source: source, sum: hex.EncodeToString(sum[:])}
}

// scripts are all scripts of a store.
type scripts struct {
	read, swap, drop, place, unplace        *script
	restore, end, signOut, refresh, prolong *script
	take, give, putBack                     *script
	ready                                   *script
}

func newScripts() scripts {
	return scripts{
		read:    newScript(luaEntry + luaRead),
		swap:    newScript(luaStep + luaEntry + luaAccount + luaCompare + luaSwap),
		drop:    newScript(luaEntry + luaCompare + luaEnd),
		place:   newScript(luaEntry + luaAccount + luaPlace),
		unplace: newScript(luaEntry + luaUnplace),
		restore: newScript(luaEntry + luaAccount + luaRestore),
		end:     newScript(luaEnd),
		signOut: newScript(luaEntry + luaSignOut),
		refresh: newScript(luaEntry + luaRefresh),
		prolong: newScript(luaEntry + luaProlong),
		take:    newScript(luaInsert + luaTake),
		give:    newScript(luaGive),
		putBack: newScript(luaInsert + luaPutBack),
		ready:   newScript(luaReady),
	}
}

func (s *scripts) all() []*script {
	return []*script{
		s.read, s.swap, s.drop, s.place, s.unplace, s.restore, s.end,
		s.signOut, s.refresh, s.prolong, s.take, s.give, s.putBack, s.ready,
	}
}

// What scripts about a record share. They know the value of a key, see the package's
// documentation, and leave what is in its parts alone.
const (
	// luaEntry reads and writes a value. get returns it, or false where there is none; what an
	// earlier release has kept as a hash becomes one. parse returns its parts, or nil where it
	// is no record: a tombstone, or damaged. put stores parts for a time to live in ms; with 0
	// that stays as it is.
	luaEntry = `
local function adopt()
  local h = redis.call('HMGET', KEYS[1], 'runs', 'acct', 'arev', 'sess', 'out', 'gone', 'rank', 'claims')
  local v = '0;'
  if not h[6] then
    local ver, rec = string.match(h[1] or '', '^(%d+)(.*)$')
    v = (ver or '')
    if (h[4] or '') ~= '' then v = v .. 'S' .. #h[4] end
    if (h[2] or '') ~= '' then v = v .. 'A' .. #h[2] end
    if h[3] then v = v .. 'R' .. h[3] end
    if h[5] then v = v .. 'O' end
    if h[7] then v = v .. 'K' .. h[7] .. 'C' .. h[8] end
    v = v .. ';' .. (h[4] or '') .. (h[2] or '') .. (rec or '')
  end
  local left = redis.call('PTTL', KEYS[1])
  redis.call('DEL', KEYS[1])
  redis.call('SET', KEYS[1], v, 'PX', math.max(left, 1))
  return v
end
local function get()
  local v = redis.pcall('GET', KEYS[1])
  if type(v) == 'table' then return adopt() end
  return v
end
local function parse(v)
  if not v then return nil end
  local ver, s, a, rev, out, rank, claims, at = string.match(v, '^(%d+)S?(%d*)A?(%d*)R?(%d*)(O?)K?(%d*)C?(%x*);()')
  if not ver or ver == '0' then return nil end
  s, a = at + (tonumber(s) or 0), tonumber(a) or 0
  return {ver = ver, rev = rev, out = out, rank = rank, claims = claims,
    sess = string.sub(v, at, s - 1), acct = string.sub(v, s, s + a - 1), rec = string.sub(v, s + a)}
end
local function fresh()
  return {sess = '', acct = '', rev = '', out = '', rank = '', claims = ''}
end
local function put(e, ttl)
  local v = e.ver
  if e.sess ~= '' then v = v .. 'S' .. #e.sess end
  if e.acct ~= '' then v = v .. 'A' .. #e.acct end
  if e.rev ~= '' then v = v .. 'R' .. e.rev end
  v = v .. e.out
  if e.rank ~= '' then v = v .. 'K' .. e.rank .. 'C' .. e.claims end
  v = v .. ';' .. e.sess .. e.acct .. e.rec
  if ttl == '0' then
    redis.call('SET', KEYS[1], v, 'KEEPTTL')
  else
    redis.call('SET', KEYS[1], v, 'PX', ttl)
  end
end
`
	// luaAccount takes a snapshot over unless a later revision is there.
	luaAccount = `
local function account(e, acct, rev)
  if acct ~= '' and (e.rev == '' or tonumber(e.rev) <= tonumber(rev)) then
    e.acct, e.rev = acct, rev
  end
end
`
	// luaCompare returns what is there unless its version is ARGV[1]; version 0 is nothing at
	// all, not even a tombstone.
	luaCompare = `
local was = get()
local e = parse(was)
local lost = was
if ARGV[1] ~= '0' then lost = not e or e.ver ~= ARGV[1] end
if lost then return was or '' end
`
	// luaStep is luaSwap where nothing but a record is there, or nothing at all, and nothing
	// but a record follows: the step of a client that nobody knows. It goes on where that is
	// not so. It saves a fifth of the script.
	luaStep = `
if ARGV[5] == '' then
  local was, from = redis.pcall('GET', KEYS[1]), ARGV[1]
  if not was and from == '0' or from ~= '0' and type(was) == 'string' and string.sub(was, 1, #from + 1) == from .. ';' then
    if ARGV[4] == '0' then
      redis.call('SET', KEYS[1], ARGV[2] .. ';' .. ARGV[3], 'KEEPTTL')
    else
      redis.call('SET', KEYS[1], ARGV[2] .. ';' .. ARGV[3], 'PX', ARGV[4])
    end
    return 1
  end
end
`
	// luaSwap: 1 from, 2 to, 3 record, 4 ttl in ms (0 keeps what is left), 5 account, 6 revision.
	luaSwap = `
e = e or fresh()
e.ver, e.rec, e.rank, e.claims = ARGV[2], ARGV[3], '', ''
account(e, ARGV[5], ARGV[6])
put(e, ARGV[4])
return 1
`
	// luaEnd: 2 tombstone, 3 ttl in ms; ARGV[1] belongs to luaCompare, if that stands
	// before it.
	luaEnd = `
redis.call('SET', KEYS[1], '0;' .. ARGV[2], 'PX', ARGV[3])
return 1
`
	// luaPlace: 1 claim, 2 rank, 3 version, 4 record, 5 ttl in ms, 6 account, 7 revision,
	// 8 session. It returns 0 where another record stays: one that was swapped or restored, a
	// tombstone, or one placed from the same version or a later one.
	luaPlace = `
local was = get()
local e = parse(was)
if was and (not e or e.rank == '') then return 0 end
e = e or fresh()
if not string.find(e.claims, ARGV[1], 1, true) then e.claims = e.claims .. ARGV[1] end
if e.rank ~= '' and tonumber(e.rank) >= tonumber(ARGV[2]) then
  put(e, '0')
  return 0
end
e.rank, e.ver, e.rec, e.sess = ARGV[2], ARGV[3], ARGV[4], ARGV[8]
account(e, ARGV[6], ARGV[7])
put(e, ARGV[5])
return 1
`
	// luaUnplace: 1 claim.
	luaUnplace = `
local e = parse(get())
if not e then return 0 end
local at, last = string.find(e.claims, ARGV[1], 1, true)
if not at then return 0 end
e.claims = string.sub(e.claims, 1, at - 1) .. string.sub(e.claims, last + 1)
if e.claims == '' then return redis.call('DEL', KEYS[1]) end
put(e, '0')
return 0
`
	// luaRestore: 1 version, 2 record, 3 ttl in ms, 4 account, 5 revision, 6 session, 7 O where
	// it is signed out, 8 the damaged value that may be replaced.
	luaRestore = `
local was = get()
if was and was ~= ARGV[8] then return was end
local e, out = fresh(), parse(was)
e.ver, e.rec, e.sess, e.out = ARGV[1], ARGV[2], ARGV[6], ARGV[7]
if out and out.out ~= '' then e.out = out.out end
account(e, ARGV[4], ARGV[5])
put(e, ARGV[3])
return 1
`
	luaSignOut = `
local e = parse(get())
if not e then return 0 end
e.out = 'O'
put(e, '0')
return 1
`
	// luaRefresh: 1 account, 2 revision.
	luaRefresh = `
local e = parse(get())
if not e or e.rev ~= '' and tonumber(e.rev) >= tonumber(ARGV[2]) then return 0 end
e.acct, e.rev = ARGV[1], ARGV[2]
put(e, '0')
return 1
`
	// luaProlong: 1 session, 2 ttl in ms, which never shortens what is left, 3 the session that
	// it takes the place of. A command that the client sends twice finds its own.
	luaProlong = `
local e = parse(get())
if not e or e.sess ~= ARGV[3] and e.sess ~= ARGV[1] then return 0 end
e.sess = ARGV[1]
local left = redis.call('PTTL', KEYS[1])
if left >= 0 and left < tonumber(ARGV[2]) then put(e, ARGV[2]) else put(e, '0') end
return 1
`
	// luaRead returns what is there, once it is a value: see get.
	luaRead = `return get() or ''`

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
