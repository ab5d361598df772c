package config_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"stagedoor/transport/config"
)

// A file says what differs from the defaults, the environment what differs from
// the file.
func ExampleLoad() {
	file := filepath.Join(os.TempDir(), fmt.Sprintf("stagedoor-example-%d.yaml", os.Getpid()))
	defer func() { _ = os.Remove(file) }()
	if err := os.WriteFile(file, []byte(`
public_url: https://auth.example.com
account:
  login_methods: [email, username]
  email_verification_by_code_enabled: true
  password_reset_by_code_enabled: true
  login_timeout: 600
mail:
  smtp_host: mail.example.com
  from: Example <no-reply@example.com>
`), 0o600); err != nil {
		fmt.Println(err)
		return
	}
	config, err := config.Load(file, []string{
		"STAGEDOOR_ACCOUNT__LOGIN_TIMEOUT=90.5",
		"STAGEDOOR_MAIL__SMTP_USER=app",
		"STAGEDOOR_MAIL__SMTP_PASSWORD=correct horse",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(config.Account.LoginMethods, config.Account.LoginTimeout.Duration(), config.Mail.SMTPPassword)
	// Output: [email username] 1m30.5s [secret]
}

// Every fault comes with its key and a hint, all of them at once.
func ExampleFaults() {
	_, err := config.LoadOver(config.Dev(), "", []string{
		"STAGEDOOR_ACCOUNT__EMIAL_VERIFICATION=none",
		"STAGEDOOR_BODY_LIMIT=1MiB",
		"STAGEDOOR_MFA__TOTP_DIGITS=4",
	})
	fmt.Println(err)
	if faults, ok := errors.AsType[config.Faults](err); ok {
		fmt.Println(len(faults), "faults, the last about", faults[2].Key)
	}
	// Output:
	// account.emial_verification: unknown key (got from STAGEDOOR_ACCOUNT__EMIAL_VERIFICATION); did you mean account.email_verification
	// body_limit: must be a whole number (got "1MiB" from STAGEDOOR_BODY_LIMIT); without quotes or a unit
	// mfa.totp_digits: out of range (got 4); from 6 to 8 digits
	// 3 faults, the last about mfa.totp_digits
}

// A program that embeds the server starts from Default, or from Dev.
func ExampleConfig_Validate() {
	config := config.Dev()
	config.Listen = ":8080"
	fmt.Println(config.Validate())
	config.Listen = "127.0.0.1:8080"
	fmt.Println(config.Validate())
	// Output:
	// dev.enabled: the mailbox would be open to others at this address (got ":8080"); listen on 127.0.0.1, or set dev.allow_remote if nobody else reaches this address
	// <nil>
}

// Limits are written as in django-allauth.
func ExampleParseRates() {
	rates, err := config.ParseRates("10/m/ip, 5/300s/key")
	for _, rate := range rates {
		fmt.Println(rate.Max, "in", rate.Per, "by", rate.By)
	}
	fmt.Println(err)
	_, err = config.ParseRates("5/m/account")
	fmt.Println(err)
	// Output:
	// 10 in 1m0s by ip
	// 5 in 5m0s by key
	// <nil>
	// counted neither by ip, block, user, key nor all
}
