package provider

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"
)

// Fit returns what of the assertion takes no more than most bytes as JSON in which < and &
// stand as they are, to be kept while a form is filled in. The UID is whole, or it would
// name somebody else, and so are addresses: those beyond half of the room are left out.
// Texts are cut, and the profile does not come along. most must leave room for the UID.
func (a Assertion) Fit(most int) Assertion {
	out := Assertion{Provider: a.Provider, UID: a.UID, PhoneVerified: a.PhoneVerified && a.Phone != "", Session: a.Session}
	if a.Session != nil && jsonSize(out) > most/2 {
		// Who signs out there is known without it.
		out.Session = &Session{Issuer: a.Session.Issuer, Subject: a.Session.Subject, SID: a.Session.SID}
	}
	most -= len(`,"emails":[]`)
	half := jsonSize(out) + (most-jsonSize(out))/2
	for i, e := range a.Emails {
		out.Emails = append(out.Emails, e)
		if jsonSize(out) > half && i > 0 || jsonSize(out) > most {
			out.Emails = out.Emails[:len(out.Emails)-1]
		}
	}
	if out.Picture = a.Picture; jsonSize(out) > half+(most-half)/2 {
		out.Picture = "" // half a URL leads elsewhere
	}
	texts := []struct{ from, to *string }{
		{&a.Username, &out.Username}, {&a.Phone, &out.Phone}, {&a.Name, &out.Name},
		{&a.GivenName, &out.GivenName}, {&a.FamilyName, &out.FamilyName},
		{&a.Display, &out.Display},
	}
	for i, t := range texts {
		// Each has an even part of what those before it left.
		const key = len(`,"family_name":`)
		*t.to = cut(*t.from, (most-jsonSize(out))/(len(texts)-i)-key)
	}
	if out.Phone != a.Phone {
		// Half a number is another one.
		out.Phone, out.PhoneVerified = "", false
	}
	return out
}

// cut returns as many whole characters of a text as take no more than most bytes as JSON.
func cut(s string, most int) string {
	for jsonSize(s) > most {
		if s == "" {
			return ""
		}
		_, last := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-last]
	}
	return s
}

// jsonSize is how many bytes a value takes as JSON in which < and & stand as they are.
func jsonSize(v any) int {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(v) != nil {
		return 0
	}
	return b.Len() - len("\n")
}
