package redisstore_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"stagedoor/engine"
	"stagedoor/state/internal/redisstore"
	"stagedoor/state/statetest"
)

// usable stores a record and reads it.
func usable(t *testing.T, s *redisstore.Store) {
	t.Helper()
	key := newKey()
	if _, won, err := s.Swap(t.Context(), engine.Swap{Key: key, Record: engine.Record{Version: 1}, TTL: time.Minute}); err != nil || !won {
		t.Errorf("swap: won %v, %v", won, err)
	}
	if e, _, err := s.Load(t.Context(), key, nil, time.Now()); err != nil || !e.Found {
		t.Errorf("load: %+v, %v", e, err)
	}
}

// Over TLS the certificate is checked, and user, password and database are the URL's.
func TestOpenTLS(t *testing.T) {
	web := httptest.NewTLSServer(nil) // for its certificate, which is for example.com
	defer web.Close()
	mini := miniredis.NewMiniRedis()
	if err := mini.StartTLS(&tls.Config{Certificates: web.TLS.Certificates, MinVersion: tls.VersionTLS12}); err != nil {
		t.Fatal(err)
	}
	defer mini.Close()
	mini.RequireUserAuth("door", "p@ss")
	trusted := x509.NewCertPool()
	trusted.AddCert(web.Certificate())
	conf := func(password string, roots *x509.CertPool, name string) redisstore.Config {
		return redisstore.Config{
			URL: "rediss://door:" + password + "@" + mini.Addr() + "/3", Prefix: "x:", Timeout: 5 * time.Second,
			TLS: &tls.Config{RootCAs: roots, ServerName: name, MinVersion: tls.VersionTLS12},
		}
	}
	usable(t, open(t, conf("p%40ss", trusted, "example.com")))
	if keys := mini.DB(3).Keys(); len(keys) != 1 || !strings.HasPrefix(keys[0], "x:") {
		t.Errorf("database 3 holds %v", keys)
	}
	for name, c := range map[string]redisstore.Config{
		"wrong password": conf("wr0ng", trusted, "example.com"),
		"unknown issuer": conf("p%40ss", x509.NewCertPool(), "example.com"),
		"another name":   conf("p%40ss", trusted, "other.example.org"),
	} {
		s, err := redisstore.Open(t.Context(), c)
		if s != nil || !errors.Is(err, engine.ErrUnavailable) {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && (strings.Contains(err.Error(), "p@ss") || strings.Contains(err.Error(), "wr0ng")) {
			t.Errorf("%s: the error tells the password: %v", name, err)
		}
	}
}

// The master is found by asking a Sentinel.
func TestSentinel(t *testing.T) {
	usable(t, open(t, redisstore.Config{URL: statetest.StartRedisSentinel(t, "themaster"), Master: "themaster"}))
}

func TestSentinelUnknownMaster(t *testing.T) {
	url := statetest.StartRedisSentinel(t, "themaster")
	if _, err := redisstore.Open(t.Context(), redisstore.Config{URL: url, Master: "another"}); !errors.Is(err, engine.ErrUnavailable) {
		t.Errorf("open: %v", err)
	}
}

func TestOpenRefusesConfig(t *testing.T) {
	if s, err := redisstore.Open(t.Context(), redisstore.Config{}); s != nil || err == nil || errors.Is(err, engine.ErrUnavailable) {
		t.Errorf("no url: %v", err)
	}
}
