package bound

import (
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"net/url"

	"stagedoor/transport/internal/device"
	"stagedoor/transport/internal/suite"
)

// byHand is a browser whose session was bound by hand: its key is seen, and it posts what it is told to.
type byHand struct {
	tab
	key *device.Key
	// path is where it refreshes, challenge what it signs next.
	path, challenge string
}

func bindByHand(l *suite.Lab) *byHand {
	l.T.Helper()
	b := unbound(l)
	offer := b.Unoffered()[0]
	key, err := device.NewKey(device.ES256, rand.Reader)
	if err != nil {
		l.T.Fatal(err)
	}
	token, err := key.RegistrationToken(offer.Challenge, offer.Authorization)
	if err != nil {
		l.T.Fatal(err)
	}
	h := &byHand{tab: b, key: key}
	got := h.post(offer.Path, "Secure-Session-Response", token)
	h.take(got, 200)
	return h
}

// take reads an answer of the status as a browser does.
func (h *byHand) take(got *http.Response, status int) string {
	h.T.Helper()
	raw, err := io.ReadAll(got.Body)
	if err != nil || got.StatusCode != status {
		h.T.Fatalf("%d, want %d: %s (%v)", got.StatusCode, status, raw, err)
	}
	at, err := url.Parse(site)
	if err != nil {
		h.T.Fatal(err)
	}
	h.Cookies.Store(at, got.Header)
	for _, c := range device.Challenges(got.Header) {
		h.challenge = c
	}
	var told struct {
		Path string `json:"refresh_url"`
	}
	if json.Unmarshal(raw, &told) == nil && told.Path != "" {
		h.path = told.Path
	}
	return string(raw)
}

// proof is the present challenge, signed.
func (h *byHand) proof() string {
	h.T.Helper()
	token, err := h.key.RefreshToken(h.challenge)
	if err != nil {
		h.T.Fatal(err)
	}
	return token
}

func (h *byHand) refresh() *http.Response {
	h.T.Helper()
	return h.post(h.path, "Secure-Session-Response", h.proof())
}
