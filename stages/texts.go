package stages

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/nyaruka/phonenumbers"

	"stagedoor/engine"
	"stagedoor/state"
)

// Who sends text messages to numbers that pay for each one earns by asking for codes. What stands
// against it: countries that are texted, and caps.

// texted reports whether text messages are sent to a number, in E.164: one of a country in
// SMSCountries, any where that is empty, and never one that costs its caller more.
func (s *Settings) texted(number string) bool {
	if len(s.SMSCountries) == 0 {
		return true
	}
	n, err := phonenumbers.Parse(number, "")
	if err != nil || phonenumbers.GetNumberType(n) == phonenumbers.PREMIUM_RATE {
		return false
	}
	return slices.Contains(s.SMSCountries, phonenumbers.GetRegionCodeForNumber(n))
}

// untexted is what is wrong with a number that somebody names and that is not texted. It goes by
// the number alone, so that it tells nothing of accounts.
func (s *Settings) untexted(number string) []engine.FieldError {
	if number == "" || s.texted(number) {
		return nil
	}
	return []engine.FieldError{{Param: "phone", Code: "phone_country_not_allowed"}}
}

// textLimits are the caps that a text message uses up: of the number, of the block of addresses
// that its client is in, and of the server. There are none for an address.
func (e *Env) textLimits(to string, c engine.Client) []engine.Take {
	if to == "" || contactOf(to).method != state.KeyPhone {
		return nil
	}
	return e.Rates.Takes("sms", engine.Counted{IP: c.IP, Block: blockOf(c.IP), Key: e.limitKey("sms:" + to)})
}

// blockOf is the block of addresses that an address, or a network of them, is in, as one party is
// given it: a /24 of IPv4, a /48 of IPv6 (RFC 6177, section 2). It is "" for what is neither.
func blockOf(ip string) string {
	text, _, _ := strings.Cut(ip, "/")
	addr, err := netip.ParseAddr(text)
	if err != nil {
		return ""
	}
	bits := 24
	if addr = addr.Unmap().WithZone(""); addr.Is6() {
		bits = 48
	}
	p, err := addr.Prefix(bits)
	if err != nil {
		return ""
	}
	return p.String()
}

// text is a text message as it is sent: to nobody where its number is not texted, such as that
// of an account from before the countries were chosen.
func (s *Settings) text(m state.Message) engine.Message {
	if m.Channel == state.BySMS && !s.texted(m.To) {
		return toNobody()[0]
	}
	return m
}
