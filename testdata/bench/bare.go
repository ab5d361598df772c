package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/julienschmidt/httprouter"
	"github.com/redis/go-redis/v9"
)

// The least that a server of this kind can do for a request: a router, an answer in JSON, and
// the round trips to Redis that the work needs. What stagedoor costs is told as a multiple of it.

// swapScript replaces a value whose first eight bytes, its version, are the expected ones.
const swapScript = `
local was = redis.call('GET', KEYS[1])
if not was then return redis.error_reply('no such key') end
if string.sub(was, 1, 8) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1`

const (
	// bareKeys is how many keys the handlers go around, so that no two connections meet at one.
	bareKeys = 1000
	// bareValue is how long a value is, in bytes.
	bareValue = 1024
	// bareVersion is the version of every value.
	bareVersion = "00000001"
	// keyLife is how long they live, in milliseconds.
	keyLife = 3_600_000
)

// smallAnswer is what all bare handlers answer: 142 bytes as JSON, the size of a session
// that is nobody's.
type smallAnswer struct {
	Status int `json:"status"`
	Data   struct {
		Flows []smallFlow `json:"flows"`
	} `json:"data"`
	Meta struct {
		IsAuthenticated bool `json:"is_authenticated"`
	} `json:"meta"`
}

type smallFlow struct {
	ID      string `json:"id"`
	Pending bool   `json:"is_pending,omitempty"`
}

func newSmallAnswer() smallAnswer {
	a := smallAnswer{Status: http.StatusUnauthorized}
	a.Data.Flows = []smallFlow{{ID: "login"}, {ID: "signup"}, {ID: "mfa_authenticate", Pending: true}}
	return a
}

// answerJSON writes an answer.
func answerJSON(w http.ResponseWriter, status int, body any) {
	text, err := json.Marshal(body)
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	w.Header()["Content-Type"] = []string{"application/json"}
	w.WriteHeader(status)
	_, _ = w.Write(text)
}

// bare has the handlers.
type bare struct {
	redis *redis.Client
	swap  string // the SHA-1 under which Redis has the script
	value string
}

// bareKey is the key for now: another one every microsecond.
func bareKey() string { return fmt.Sprintf("bare:%03d", time.Now().UnixMicro()%bareKeys) }

// newBare fills Redis with what the handlers read.
func newBare(ctx context.Context, address string) (*bare, error) {
	b := &bare{
		redis: redis.NewClient(&redis.Options{Addr: address, PoolSize: 64, DisableIdentity: true, Protocol: 2}),
		value: bareVersion + strings.Repeat("x", bareValue-len(bareVersion)),
	}
	var err error
	if b.swap, err = b.redis.ScriptLoad(ctx, swapScript).Result(); err != nil {
		return nil, err
	}
	for i := range bareKeys {
		err = errors.Join(err, b.redis.Set(ctx, fmt.Sprintf("bare:%03d", i), b.value, time.Hour).Err())
	}
	return b, err
}

// hello writes and does nothing else.
func (b *bare) hello(w http.ResponseWriter, _ *http.Request, _ httprouter.Params) {
	answerJSON(w, http.StatusOK, newSmallAnswer())
}

// get reads one value of 1 KiB.
func (b *bare) get(w http.ResponseWriter, r *http.Request, _ httprouter.Params) {
	if v, err := b.redis.Get(r.Context(), bareKey()).Bytes(); err != nil || len(v) != bareValue {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	answerJSON(w, http.StatusOK, newSmallAnswer())
}

// getSwap reads a value of 1 KiB, and writes it where it is still the same: two round trips.
func (b *bare) getSwap(w http.ResponseWriter, r *http.Request, _ httprouter.Params) {
	key := bareKey()
	v, err := b.redis.Get(r.Context(), key).Bytes()
	if err == nil && len(v) == bareValue {
		var n int
		if n, err = b.redis.EvalSha(r.Context(), b.swap, []string{key}, bareVersion, b.value, keyLife).Int(); err == nil && n == 1 {
			answerJSON(w, http.StatusOK, newSmallAnswer())
			return
		}
	}
	w.WriteHeader(http.StatusInternalServerError)
}

// serveBare serves the bare handlers and the reference at an address, until its input is
// closed: the program that started it has ended.
func serveBare(ctx context.Context, address, redisAddress string) error {
	b, err := newBare(ctx, redisAddress)
	if err != nil {
		return err
	}
	routes := httprouter.New()
	routes.GET("/hello", b.hello)
	routes.GET("/get", b.get)
	routes.GET("/getswap", b.getSwap)
	if err := b.reference(ctx, routes); err != nil {
		return err
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	go func() {
		_, _ = os.Stdin.Read(make([]byte, 1))
		_ = l.Close()
	}()
	if err := http.Serve(l, routes); !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}
