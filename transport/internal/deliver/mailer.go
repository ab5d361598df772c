package deliver

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	netmail "net/mail"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail"

	"stagedoor/state"
	"stagedoor/transport/notify"
)

// TLSPolicy says how the connection to a mail server is protected.
type TLSPolicy string

// The policies that exist.
const (
	// TLSOpportunistic asks for STARTTLS where the server offers it (RFC 3207).
	TLSOpportunistic TLSPolicy = "opportunistic"
	// TLSMandatory sends nothing without STARTTLS.
	TLSMandatory TLSPolicy = "mandatory"
	// TLSImplicit speaks TLS from the first byte (RFC 8314), as on port 465.
	TLSImplicit TLSPolicy = "implicit"
	// TLSNone speaks in the clear: for a server on the same machine.
	TLSNone TLSPolicy = "none"
)

// MailConfig is the mail server and the sender.
type MailConfig struct {
	Templates *notify.Templates
	// From is the sender: "Example <no-reply@example.org>" or an address alone.
	From string
	// Host and Port are the mail server's. Without a port it is 587 for mandatory TLS,
	// 465 for implicit TLS, 25 otherwise.
	Host string
	Port int
	// TLS is opportunistic if empty. Certificates are always verified.
	TLS TLSPolicy
	// RootCAs replaces the system's certificate authorities; nil keeps them.
	RootCAs *x509.CertPool
	// User and Password sign in to the mail server; no user, no sign-in. They are never
	// sent in the clear, but to localhost.
	User, Password string
	// Hello is the name to greet the server with; this machine's name if empty.
	Hello string
	// Timeout is for one delivery, from dialling to the server's word; 20 s if zero.
	Timeout time.Duration
	// Now dates the mails; time.Now if nil.
	Now func() time.Time
	// Entropy is for message ids, and safe for concurrent use; crypto/rand if nil.
	Entropy io.Reader
}

// Mailer sends mail over SMTP (RFC 5321), one connection per mail. It is a [notify.Sender].
type Mailer struct {
	cfg  MailConfig
	from *netmail.Address
	opts []mail.Option
}

// NewMailer checks the configuration and reports all faults together. It does not
// connect: a server that is down now may be up when there is something to send.
func NewMailer(c MailConfig) (*Mailer, error) {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf("notify: "+format, args...)) }
	if c.Templates == nil {
		fault("mail has no templates")
	}
	from, err := netmail.ParseAddress(c.From)
	if err != nil {
		fault("mail sender %q is no address: write no-reply@example.org or Example <no-reply@example.org>", c.From)
	}
	if c.Host == "" || strings.ContainsAny(c.Host, " /") {
		fault("mail host %q is no host name: write smtp.example.org, the port apart", c.Host)
	}
	if c.Port < 0 || c.Port > 65535 {
		fault("mail port %d is not between 1 and 65535", c.Port)
	}
	if c.Timeout < 0 {
		fault("mail timeout %s is negative", c.Timeout)
	}
	if c.User == "" && c.Password != "" {
		fault("mail has a password but no user")
	}
	policy, port := mail.NoTLS, 25
	switch c.TLS {
	case "", TLSOpportunistic:
		policy = mail.TLSOpportunistic
	case TLSMandatory:
		policy, port = mail.TLSMandatory, 587
	case TLSImplicit:
		// The connection is encrypted before the client sees it, see dialer; a server
		// offers no STARTTLS on it, but the client looks at what it got.
		policy, port = mail.TLSOpportunistic, 465
	case TLSNone:
	default:
		fault("mail TLS policy %q does not exist: choose opportunistic, mandatory, implicit or none", c.TLS)
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	c.setDefaults(port)
	return &Mailer{cfg: c, from: from, opts: c.options(policy)}, nil
}

func (c *MailConfig) setDefaults(port int) {
	if c.Port == 0 {
		c.Port = port
	}
	if c.Timeout == 0 {
		c.Timeout = 20 * time.Second
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Entropy == nil {
		c.Entropy = rand.Reader
	}
}

func (c *MailConfig) tlsConfig() *tls.Config {
	return &tls.Config{ServerName: c.Host, RootCAs: c.RootCAs, MinVersion: tls.VersionTLS12}
}

func (c *MailConfig) options(policy mail.TLSPolicy) []mail.Option {
	opts := []mail.Option{
		mail.WithPort(c.Port),
		mail.WithTimeout(c.Timeout),
		mail.WithTLSPolicy(policy),
		mail.WithTLSConfig(c.tlsConfig()),
		// One mail per connection: there is nothing to probe before it or reset after it.
		mail.WithoutNoop(),
		mail.WithoutRset(),
	}
	if c.Hello != "" {
		opts = append(opts, mail.WithHELO(c.Hello))
	}
	if c.User != "" {
		// PLAIN and LOGIN refuse an unencrypted connection to any host but localhost.
		opts = append(opts, mail.WithUsername(c.User), mail.WithPassword(c.Password),
			mail.WithOpportunisticSMTPAuth(mail.SMTPAuthSCRAMSHA256, mail.SMTPAuthSCRAMSHA1,
				mail.SMTPAuthCramMD5, mail.SMTPAuthPlain, mail.SMTPAuthLogin))
	}
	return opts
}

// Send renders a message and hands it to the mail server. A 5xx answer to the sender,
// the recipient or the content is permanent, as are a recipient that is no address and
// an unknown template; but not the answers that say that we are not signed in, nor what
// goes wrong before: those are an operator's to mend, and mails wait for it.
func (s *Mailer) Send(ctx context.Context, m state.Message) error {
	msg, err := s.compose(m)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Timeout)
	defer cancel()
	// A client of its own for each mail: the library's is not safe to share, since it
	// notes the server's sign-in methods without a lock.
	client, err := mail.NewClient(s.cfg.Host, append(slices.Clip(s.opts), mail.WithDialContextFunc(s.dialer(ctx)))...)
	if err != nil {
		return fmt.Errorf("notify: mail client: %w", err)
	}
	conn, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return s.greetingError(err)
	}
	if err := client.SendWithSMTPClient(conn, msg); err != nil {
		return deliveryError(err)
	}
	// The mail is delivered: whether the server says goodbye does not matter.
	if conn.UpdateDeadline(time.Second) == nil {
		_ = conn.Quit()
	}
	return nil
}

// compose renders m and dresses it with headers.
func (s *Mailer) compose(m state.Message) (*mail.Msg, error) {
	words, err := wordsFor(s.cfg.Templates, state.ByMail, m)
	if err != nil {
		return nil, err
	}
	to, err := recipient(m.To)
	if err != nil {
		return nil, permanent(err)
	}
	id := make([]byte, 16)
	if _, err := io.ReadFull(s.cfg.Entropy, id); err != nil {
		return nil, fmt.Errorf("notify: message id: %w", err)
	}
	_, domain, _ := strings.Cut(s.from.Address, "@")
	msg := mail.NewMsg(mail.WithNoDefaultUserAgent())
	msg.FromMailAddress(s.from)
	msg.ToMailAddress(to)
	msg.Subject(words.Subject)
	msg.SetDateWithValue(s.cfg.Now())
	msg.SetMessageIDWithValue(hex.EncodeToString(id) + "@" + domain)
	// RFC 3834: do not answer this with an out-of-office note.
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetGenHeader("X-Auto-Response-Suppress", "All")
	msg.SetBodyString(mail.TypeTextPlain, words.Text)
	msg.AddAlternativeString(mail.TypeTextHTML, words.HTML)
	return msg, nil
}

// recipient takes one bare address (RFC 5322, addr-spec) and nothing around it: no name,
// no list, no comment, no line end.
func recipient(to string) (*netmail.Address, error) {
	a, err := netmail.ParseAddress(to)
	if err != nil || (a.Address != to && a.String() != "<"+to+">") {
		return nil, errors.New("notify: recipient is no mail address")
	}
	return &netmail.Address{Address: a.Address}, nil
}

// dialer connects for one delivery, and breaks the connection when the delivery is over
// or given up: the library leaves it open when the server's greeting, TLS or sign-in
// fails, and looks at its context while dialling only.
func (s *Mailer) dialer(delivery context.Context) mail.DialContextFunc {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		var d net.Dialer
		conn, err := d.DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		context.AfterFunc(delivery, func() { _ = conn.Close() })
		if s.cfg.TLS != TLSImplicit {
			return conn, nil
		}
		secure := tls.Client(conn, s.cfg.tlsConfig())
		return secure, secure.HandshakeContext(ctx)
	}
}

// greetingError is for what fails before a message is named: always worth another try.
// Nothing of a message has been said yet, so the server's own words are fit to repeat.
func (s *Mailer) greetingError(err error) error {
	if s.cfg.TLS == TLSMandatory && strings.Contains(err.Error(), "does not support STARTTLS") {
		return fmt.Errorf("notify: mail server offers no TLS, which mail.smtp_tls: mandatory asks for (opportunistic does without): %w", err)
	}
	return fmt.Errorf("notify: mail server: %w", err)
}

// deliveryError is what the server said to a message, by its codes only (RFC 5321,
// RFC 3463): its words may repeat the recipient or the content.
func deliveryError(err error) error {
	var said *mail.SendError
	if !errors.As(err, &said) {
		return errors.New("notify: mail: delivery failed")
	}
	what := strings.TrimSpace(strconv.Itoa(said.ErrorCode()) + " " + said.EnhancedStatusCode())
	if said.ErrorCode() == 0 {
		what = "connection lost"
	}
	out := fmt.Errorf("notify: mail: %s: %s", said.Reason, what)
	if said.ErrorCode() >= 500 && !notSignedIn(said.ErrorCode()) {
		return permanent(out)
	}
	return out
}

// notSignedIn reports whether an answer asks for authentication or encryption
// (RFC 4954, section 6).
func notSignedIn(code int) bool {
	return code == 530 || code == 534 || code == 535 || code == 538
}
