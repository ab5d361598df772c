package main

import (
	_ "embed" // the template
	"fmt"
	"io"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/template"

	"stagedoor/transport/config"
)

// initTemplate is the file that init writes.
//
//go:embed init.yaml.tmpl
var initTemplate string

// initView is what the template is filled with, every text as YAML has it.
type initView struct {
	origin                                         string // the front end's, as it is
	App, API, Listen, Host, Where                  string
	SecretFile, DatabaseFile, RedisFile, File      string
	CookieDomain, CookieSameSite, RPID             string
	SMTPHost, SMTPTLS, From, Name                  string
	SMTPPort                                       int
	Foreign, OtherSite, Local, Mail, SQLite, HTTPS bool
	Types                                          string
	Features                                       features
}

// On reports whether a feature is on, in the file's word.
func (v initView) On(name string) bool { return v.Features.Has(name) }

// Page is a page of the front end.
func (v initView) Page(path string) string { return quoted(v.origin + path) }

// text is the file.
func (f *initFlags) text() (string, error) {
	host, port, err := f.mailServer()
	if err != nil {
		return "", err
	}
	types := []string{}
	for _, t := range []struct{ feature, name string }{{"totp", "totp"}, {"recovery-codes", "recovery_codes"}, {"passkeys", "webauthn"}} {
		if f.features.Has(t.feature) {
			types = append(types, t.name)
		}
	}
	v := initView{
		origin: f.app,
		App:    quoted(f.app), API: quoted(f.api), Listen: quoted(f.listen), Host: config.HostOf(f.api), Where: f.arranged.Where,
		SecretFile: quoted(f.secretFile), DatabaseFile: quoted(f.databaseFile), RedisFile: quoted(f.redisFile), File: f.out,
		CookieDomain: f.arranged.CookieDomain, CookieSameSite: f.arranged.CookieSameSite, RPID: f.arranged.RPID,
		SMTPHost: quoted(host), SMTPPort: port, SMTPTLS: "mandatory", From: quoted(f.from),
		Foreign: f.arranged.Foreign, OtherSite: f.arranged.OtherSite, Local: f.local, Mail: !f.local || f.smtp != "",
		HTTPS: strings.HasPrefix(f.api, "https://"), Types: strings.Join(types, ", "), Features: f.features,
	}
	if f.name != "" {
		v.Name = strconv.Quote(f.name)
	}
	if config.IsLocal("http://" + net.JoinHostPort(host, "25")) {
		v.SMTPTLS = "opportunistic" // a mail catcher of this machine has no certificate
	}
	var b strings.Builder
	t, err := template.New("init").Parse(initTemplate)
	if err == nil {
		err = t.Execute(&b, v)
	}
	return b.String(), err
}

// defaults fills in what nobody has said.
func (f *initFlags) defaults() {
	domain := config.Registrable(f.api)
	if f.listen == "" {
		f.listen = "127.0.0.1:8080"
		if u, err := url.Parse(f.api); err == nil && f.local && u.Port() != "" {
			f.listen = "127.0.0.1:" + u.Port()
		}
	}
	if f.smtp == "" && !f.local {
		f.smtp = "smtp." + domain
	}
	if f.from == "" && f.smtp != "" {
		f.from = "no-reply@" + domain
	}
}

// mailServer takes --smtp apart.
func (f *initFlags) mailServer() (host string, port int, err error) {
	if !strings.Contains(f.smtp, ":") {
		return f.smtp, 587, nil
	}
	host, text, err := net.SplitHostPort(f.smtp)
	if err == nil {
		port, err = strconv.Atoi(text)
	}
	if err != nil || host == "" {
		return "", 0, fmt.Errorf("--smtp: not host or host:port (got %q), such as smtp.example.com:587", f.smtp)
	}
	return host, port, nil
}

// plainYAML is text that stands in a file without quotes, in a list as well.
var plainYAML = regexp.MustCompile(`^[A-Za-z0-9/.][A-Za-z0-9_./:@<>{} -]*$`)

// quoted is a text as YAML has it.
func quoted(text string) string {
	if plainYAML.MatchString(text) && !strings.Contains(text, ": ") && !strings.HasSuffix(text, ":") {
		return text
	}
	return strconv.Quote(text)
}

// tell says what was written, and what is left to do.
func (f *initFlags) tell(out io.Writer, c config.Config, kept []string) error {
	var b strings.Builder
	said := func(path, what string) {
		verb := "wrote"
		if slices.Contains(kept, path) {
			verb = "kept "
		}
		fmt.Fprintf(&b, "%s %s: %s\n", verb, path, what)
	}
	said(f.out, f.app+" and "+f.api+", "+f.arranged.Where+"; commit it")
	said(f.secretFile, "the key of all tokens, readable by you alone; keep it out of the repository, and the same on every server")
	if f.database != "" {
		said(f.databaseFile, "the database's URL; keep it out of the repository")
	}
	if f.redis != "" {
		said(f.redisFile, "the URL of Redis; keep it out of the repository")
	}
	b.WriteString("next\n")
	if c.Mail.SMTPHost != "" {
		fmt.Fprintf(&b, "  letters are sent by %s, from %s: mail.smtp_host and mail.from\n", c.Mail.SMTPHost, c.Mail.From)
	}
	if strings.HasPrefix(f.api, "https://") {
		fmt.Fprintf(&b, "  a proxy of yours ends TLS for %s and passes on to %s, with the headers Host and X-Forwarded-For\n", config.HostOf(f.api), c.Listen)
	}
	if f.arranged.OtherSite {
		b.WriteString("  many browsers send no cookies to another site: the front end uses the client app\n")
	}
	fmt.Fprintf(&b, "  stagedoor check --config %s\n  stagedoor serve --config %s\n", f.out, f.out)
	_, err := io.WriteString(out, b.String())
	return err
}
