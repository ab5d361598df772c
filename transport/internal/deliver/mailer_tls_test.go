package deliver

import (
	"errors"
	"net"
	"strings"
	"testing"

	"stagedoor/transport/notify"
)

func TestMailTLS(t *testing.T) {
	for _, c := range []struct {
		name      string
		server    *smtpServer
		policy    TLSPolicy
		unknownCA bool
		encrypted bool
		fails     bool
	}{
		{name: "opportunistic, offered", server: &smtpServer{secure: true}, encrypted: true},
		{name: "opportunistic, not offered", server: &smtpServer{}},
		{name: "opportunistic, false certificate", server: &smtpServer{secure: true}, unknownCA: true, fails: true},
		{name: "mandatory, offered", server: &smtpServer{secure: true}, policy: TLSMandatory, encrypted: true},
		{name: "mandatory, not offered", server: &smtpServer{}, policy: TLSMandatory, fails: true},
		{name: "mandatory, false certificate", server: &smtpServer{secure: true}, policy: TLSMandatory, unknownCA: true, fails: true},
		{name: "implicit", server: &smtpServer{implicit: true}, policy: TLSImplicit, encrypted: true},
		{name: "implicit, false certificate", server: &smtpServer{implicit: true}, policy: TLSImplicit, unknownCA: true, fails: true},
		{name: "implicit, plain server", server: &smtpServer{}, policy: TLSImplicit, fails: true},
		{name: "none, offered", server: &smtpServer{secure: true}, policy: TLSNone},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := c.server.start(t)
			m := mailer(t, s, func(cfg *MailConfig) {
				cfg.TLS = c.policy
				if c.unknownCA {
					cfg.RootCAs = nil
				}
			})
			err := m.Send(t.Context(), message("email_code"))
			if (err != nil) != c.fails || errors.Is(err, notify.ErrPermanent) {
				t.Fatalf("error %v", err)
			}
			if c.name == "mandatory, not offered" && !strings.Contains(err.Error(), "mail.smtp_tls") {
				t.Errorf("the setting is not named: %v", err)
			}
			if got := s.inbox(); !c.fails && (len(got) != 1 || got[0].encrypted != c.encrypted) {
				t.Errorf("received %+v", got)
			} else if c.fails && len(got) != 0 {
				t.Errorf("sent all the same: %+v", got)
			}
		})
	}
}

func TestMailSignsIn(t *testing.T) {
	for _, c := range []struct {
		name     string
		server   *smtpServer
		password string
		fails    bool
	}{
		{"over TLS", &smtpServer{secure: true}, "s3cret", false},
		{"over implicit TLS", &smtpServer{implicit: true}, "s3cret", false},
		{"wrong password", &smtpServer{secure: true}, "wrong", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.server.user, c.server.password = "robot", "s3cret"
			s := c.server.start(t)
			m := mailer(t, s, func(cfg *MailConfig) {
				cfg.User, cfg.Password, cfg.TLS = "robot", c.password, TLSMandatory
				if s.implicit {
					cfg.TLS = TLSImplicit
				}
			})
			err := m.Send(t.Context(), message("email_code"))
			if (err != nil) != c.fails || errors.Is(err, notify.ErrPermanent) {
				t.Fatalf("error %v, and it must not be permanent", err)
			}
			if got := s.inbox(); !c.fails && (len(got) != 1 || got[0].user != "robot") {
				t.Errorf("received %+v", got)
			}
			if err != nil && strings.Contains(err.Error(), c.password) && c.password != "wrong" {
				t.Errorf("the password is in the error: %v", err)
			}
		})
	}
}

func TestNoPasswordInTheClear(t *testing.T) {
	for host, sent := range map[string]bool{"127.0.0.1": true, "127.0.0.2": false} {
		l, err := net.Listen("tcp", host+":0")
		if err != nil {
			t.Skipf("this machine has no second address: %v", err)
		}
		s := (&smtpServer{user: "robot", password: "s3cret", listener: l}).start(t)
		m := mailer(t, s, func(c *MailConfig) { c.Host, c.User, c.Password, c.TLS = host, "robot", "s3cret", TLSNone })
		err = m.Send(t.Context(), message("email_code"))
		if (err == nil) != sent || (len(s.inbox()) == 1) != sent {
			t.Errorf("%s: error %v, received %+v", host, err, s.inbox())
		}
		if err != nil && !strings.Contains(err.Error(), "unencrypted") {
			t.Errorf("%s: the error does not say why: %v", host, err)
		}
	}
}
