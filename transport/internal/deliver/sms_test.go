package deliver

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"stagedoor/state"
	"stagedoor/transport/notify"
)

// sms is a sender for a test webhook.
func sms(t *testing.T, url string, timeout time.Duration) *SMS {
	t.Helper()
	s, err := NewSMS(SMSConfig{Templates: testTemplates(t, testSite()), URL: url, Timeout: timeout})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSMSIsPosted(t *testing.T) {
	got := make(chan map[string]any, 1)
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := map[string]any{}
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			t.Error(err)
		}
		user, password, _ := r.BasicAuth()
		body["request"] = r.Method + " " + r.URL.String() + " " + r.Header.Get("Content-Type") + " " + user + ":" + password
		got <- body
		w.WriteHeader(http.StatusAccepted)
	}))
	defer hook.Close()
	s := sms(t, strings.Replace(hook.URL, "//", "//robot:s3cret@", 1)+"/sms?k=1", 0)
	for template, code := range map[string]string{"phone_code": testCode, "phone_login_code": testCode, "phone_taken": ""} {
		if err := s.Send(t.Context(), message(template)); err != nil {
			t.Fatal(err)
		}
		body := <-got
		words, err := s.cfg.Templates.Render(message(template))
		if err != nil {
			t.Fatal(err)
		}
		for key, want := range map[string]string{
			"to": "+491701234567", "code": code, "kind": template, "text": words.Text,
			"request": "POST /sms?k=1 application/json robot:s3cret",
		} {
			if body[key] != want {
				t.Errorf("%s: %s is %q, want %q", template, key, body[key], want)
			}
		}
		if len(body) != 5 {
			t.Errorf("%s: %d fields: %v", template, len(body), body)
		}
	}
}

func TestSMSRefusals(t *testing.T) {
	for status, want := range map[int]string{
		200: "", 201: "", 202: "", 204: "",
		301: "again", 307: "again", 308: "again",
		401: "again", 403: "again", 404: "again", 408: "again", 409: "again", 425: "again", 429: "again",
		400: "permanent", 410: "permanent", 413: "permanent", 422: "permanent",
		500: "again", 502: "again", 503: "again", 504: "again",
	} {
		asked := 0
		hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked++
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(status)
			if status != 204 {
				_, _ = io.WriteString(w, "not to +491701234567 with "+testCode)
			}
		}))
		err := sms(t, hook.URL, 0).Send(t.Context(), message("phone_code"))
		got := ""
		switch {
		case errors.Is(err, notify.ErrPermanent):
			got = "permanent"
		case err != nil:
			got = "again"
		}
		if got != want {
			t.Errorf("%d: %v", status, err)
		}
		if asked != 1 {
			t.Errorf("%d: asked %d times", status, asked)
		}
		if err != nil && (strings.Contains(err.Error(), testCode) || strings.Contains(err.Error(), "+49")) {
			t.Errorf("%d: the error repeats the answer: %v", status, err)
		}
		hook.Close()
	}
}

func TestSMSTimesOut(t *testing.T) {
	over := make(chan struct{})
	hook := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-over }))
	defer hook.Close()
	defer close(over)
	url := strings.Replace(hook.URL, "//", "//robot:s3cret@", 1) + "/sms?token=t0ken"
	start := time.Now()
	err := sms(t, url, 50*time.Millisecond).Send(t.Context(), message("phone_code"))
	if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, notify.ErrPermanent) {
		t.Errorf("error %v", err)
	}
	if strings.Contains(err.Error(), "s3cret") || strings.Contains(err.Error(), "t0ken") {
		t.Errorf("the webhook's secret is in the error: %v", err)
	}
	if took := time.Since(start); took > 3*time.Second {
		t.Errorf("gave up after %s", took)
	}
}

func TestSMSWebhookIsDown(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = l.Close()
	err = sms(t, "http://"+l.Addr().String()+"/?token=t0ken", 0).Send(t.Context(), message("phone_code"))
	if err == nil || errors.Is(err, notify.ErrPermanent) || strings.Contains(err.Error(), "t0ken") {
		t.Errorf("error %v", err)
	}
}

func TestSMSRefusesWhatCannotBeSent(t *testing.T) {
	hook := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("posted all the same") }))
	defer hook.Close()
	s := sms(t, hook.URL, 0)
	nobody := message("phone_code")
	nobody.To = ""
	mail := message("email_code")
	unknown := message("phone_code")
	unknown.Template = "nonsense"
	for _, m := range []state.Message{nobody, mail, unknown} {
		if err := s.Send(t.Context(), m); !errors.Is(err, notify.ErrPermanent) {
			t.Errorf("%+v: error %v", m, err)
		}
	}
}

func TestSMSFaultsAreReportedTogether(t *testing.T) {
	for _, url := range []string{"", "sms.example.org", "ftp://sms.example.org", "http://", "http://%zz:s3cret"} {
		s, err := NewSMS(SMSConfig{URL: url, Timeout: -1})
		if err == nil || s != nil {
			t.Fatalf("%q: no error", url)
		}
		for _, want := range []string{"no templates", "no web address", "negative"} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%q: %q is missing in: %v", url, want, err)
			}
		}
		if strings.Contains(err.Error(), "s3cret") {
			t.Errorf("the URL is in the error: %v", err)
		}
	}
}
