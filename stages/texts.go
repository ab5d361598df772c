package stages

import (
	"slices"

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
	return e.Rates.Takes("sms", engine.Counted{IP: c.IP, Key: e.limitKey("sms:" + to)})
}

// text is a text message as it is sent: to nobody where its number is not texted, such as that
// of an account from before the countries were chosen.
func (s *Settings) text(m state.Message) engine.Message {
	if m.Channel == state.BySMS && !s.texted(m.To) {
		return toNobody()[0]
	}
	return m
}
