package deliver

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"stagedoor/state"
	"stagedoor/transport/notify"
)

// SMSConfig is the webhook that carries text messages.
type SMSConfig struct {
	Templates *notify.Templates
	// URL receives the messages by POST. A user and password in it become basic
	// authentication (RFC 7617). It is never logged.
	URL string
	// Timeout is for one delivery; 10 s if zero.
	Timeout time.Duration
}

// SMS hands text messages to a webhook, which knows a carrier. It is a [notify.Sender].
//
// A message is a POST of a JSON object: to (the number, E.164), code (empty for a
// notice), kind (the name of the template) and text (all words, the code among them).
// Any 2xx means that the webhook is responsible now. Redirects are not followed, since
// a code would go where nobody configured it to go.
type SMS struct {
	cfg    SMSConfig
	client *http.Client
}

// NewSMS checks the configuration and reports all faults together.
func NewSMS(c SMSConfig) (*SMS, error) {
	var faults []error
	if c.Templates == nil {
		faults = append(faults, errors.New("notify: sms has no templates"))
	}
	if u, err := url.Parse(c.URL); err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		faults = append(faults, errors.New("notify: sms URL is no web address: write it whole, as https://sms.example.org/send"))
	}
	if c.Timeout < 0 {
		faults = append(faults, fmt.Errorf("notify: sms timeout %s is negative", c.Timeout))
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	if c.Timeout == 0 {
		c.Timeout = 10 * time.Second
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return &SMS{cfg: c, client: client}, nil
}

// smsBody is what the webhook receives.
type smsBody struct {
	To   string `json:"to"`
	Code string `json:"code"`
	Kind string `json:"kind"`
	Text string `json:"text"`
}

// Send renders a message and posts it. A 4xx answer is permanent, but for those that
// say that the webhook is missing, shut to us, slow or busy.
func (s *SMS) Send(ctx context.Context, m state.Message) error {
	words, err := wordsFor(s.cfg.Templates, state.BySMS, m)
	if err != nil {
		return err
	}
	if m.To == "" {
		return permanent(errors.New("notify: sms has no recipient"))
	}
	body, err := json.Marshal(smsBody{To: m.To, Code: m.Data["code"], Kind: string(m.Template), Text: words.Text})
	if err != nil {
		return permanent(fmt.Errorf("notify: sms: %w", err))
	}
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.cfg.URL, bytes.NewReader(body))
	if err != nil {
		return errors.New("notify: sms: the URL cannot be used")
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := s.client.Do(req)
	if err != nil {
		return fmt.Errorf("notify: sms: %w", withoutURL(err))
	}
	defer func() { _ = resp.Body.Close() }()
	// A short answer is read to its end, so that the connection can be used again.
	_, _ = io.CopyN(io.Discard, resp.Body, 4<<10)
	return webhookError(resp.StatusCode)
}

// webhookError judges an answer by its status alone; its body may repeat the message.
func webhookError(status int) error {
	if status >= 200 && status < 300 {
		return nil
	}
	err := fmt.Errorf("notify: sms: the webhook answered %d", status)
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusMethodNotAllowed,
		http.StatusRequestTimeout, http.StatusConflict, http.StatusTooEarly, http.StatusTooManyRequests:
		return err
	}
	if status >= 400 && status < 500 {
		return permanent(err)
	}
	return err
}

// withoutURL takes the address, which may hold a secret, out of a client's error.
func withoutURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}
