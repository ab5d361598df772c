package proofs_test

import (
	"crypto/rand"
	"net/http"
	"testing"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/device"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

func TestMain(m *testing.M) { suite.Main(m) }

// offer lets clients bind their sessions.
func offer(c *config.Config, _ *server.Options) { c.Session.DeviceBound = "offer" }

// require wants it of apps.
func require(c *config.Config, _ *server.Options) { c.Session.DeviceBound = "require" }

// holder is the software of an app with a key of its own.
func holder(l *suite.Lab, alg string) *device.Holder {
	l.T.Helper()
	key, err := device.NewKey(alg, rand.Reader)
	if err != nil {
		l.T.Fatal(err)
	}
	return &device.Holder{Key: key, HTTP: http.DefaultTransport, Now: l.Clock.Read, Entropy: rand.Reader}
}

// app is an app that shows its key.
func app(l *suite.Lab) (*suite.Client, *device.Holder) {
	l.T.Helper()
	c, h := l.App(), holder(l, device.ES256)
	c.HTTP.Transport = h
	return c, h
}

// script is a client of the plain contract that shows its key.
func script(l *suite.Lab) (*suite.Script, *device.Holder) {
	l.T.Helper()
	s, h := l.Script(), holder(l, device.ES256)
	s.HTTP = h
	return s, h
}

// email is whose account all of it is about.
const email = "ann@example.com"
