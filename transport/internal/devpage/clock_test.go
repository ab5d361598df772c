package devpage_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"stagedoor/transport/config"
	"stagedoor/transport/internal/devpage"
	"stagedoor/transport/internal/suite"
	"stagedoor/transport/server"
)

// TestClock goes with another and ahead of it, and never back.
func TestClock(t *testing.T) {
	at := time.Unix(1_900_000_000, 0)
	c := devpage.NewClock(func() time.Time { return at })
	if !c.Now().Equal(at) || c.Ahead() != 0 {
		t.Errorf("a new clock shows %v, %v ahead", c.Now(), c.Ahead())
	}
	if err := c.Pass(90*time.Minute + 700*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	at = at.Add(time.Second)
	if want := at.Add(90 * time.Minute); !c.Now().Equal(want) || c.Ahead() != 90*time.Minute {
		t.Errorf("it shows %v, %v ahead, want %v", c.Now(), c.Ahead(), want)
	}
	for _, d := range []time.Duration{0, -time.Hour, time.Second - 1, 5 * 365 * 24 * time.Hour, 1<<63 - 1} {
		if err := c.Pass(d); err == nil || c.Ahead() != 90*time.Minute {
			t.Errorf("it went on by %v: %v", d, err)
		}
	}
}

// TestPageClock: what the server keeps expires as soon as the clock was put ahead, the records of
// an embedded store included.
func TestPageClock(t *testing.T) {
	l := suite.NewLab(t, suite.Development, suite.OnEmbedded, suite.ByCode, func(_ *config.Config, o *server.Options) { o.Now = nil })
	clock := func(method, body string, want int) (view struct {
		Now     time.Time
		Ahead   int64
		Follows bool
	}) {
		t.Helper()
		path := map[string]string{"GET": "/dev/clock.json", "POST": "/dev/clock"}[method]
		w := l.Get(method, l.Host(), path, body)
		if w.Code != want {
			t.Fatalf("%s %s: %d %s", method, body, w.Code, w.Body)
		}
		if want == 200 {
			if err := json.Unmarshal(w.Body.Bytes(), &view); err != nil {
				t.Fatal(err)
			}
		}
		return view
	}
	if v := clock("GET", "", 200); v.Ahead != 0 || !v.Follows || time.Since(v.Now).Abs() > time.Minute {
		t.Errorf("at first it is %+v", v)
	}
	app := l.Client("app")
	app.Do("POST", "/auth/signup", map[string]string{"email": "ada@example.com", "password": suite.Password}).Is(401).Pending("verify_email")
	app.Do("GET", "/auth/session", nil).Is(401).Pending("verify_email")
	for _, body := range []string{`{"ahead":0}`, `{"ahead":-1}`, `{"ahead":9999999999999999}`, `{"ahead":200000000}`} {
		clock("POST", body, 409)
	}
	for _, body := range []string{``, `{"ahead":"1"}`, `[]`, strings.Repeat(" ", 300)} {
		clock("POST", body, 400)
	}
	if v := clock("POST", `{"ahead":7200}`, 200); v.Ahead != 7200 || time.Until(v.Now) < 119*time.Minute {
		t.Errorf("two hours ahead it is %+v", v)
	}
	if r := app.Do("GET", "/auth/session", nil); r.Status == 401 && strings.Contains(r.Raw, "verify_email\",\"is_pending\":true") {
		t.Errorf("the sign-up waits two hours later: %s", r.Raw)
	}
	if v := clock("GET", "", 200); v.Ahead != 7200 {
		t.Errorf("later it is %+v", v)
	}
}

// TestPageClockOfAnotherRedis says that it does not follow.
func TestPageClockOfAnotherRedis(t *testing.T) {
	l := suite.NewLab(t, suite.Development)
	if body := l.Get("GET", l.Host(), "/dev/clock.json", "").Body.String(); !strings.Contains(body, `"follows":false`) {
		t.Errorf("%s", body)
	}
}
