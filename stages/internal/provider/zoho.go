package provider

import (
	"net/url"
	"slices"
	"strings"
)

// zohoServers are Zoho's servers of accounts, one for each data centre
// (https://zoho.com/accounts/protocol/oauth/multi-dc.html).
func zohoServers() []string {
	return []string{
		"https://accounts.zoho.com", "https://accounts.zoho.eu", "https://accounts.zoho.in", "https://accounts.zoho.com.au",
		"https://accounts.zoho.jp", "https://accounts.zohocloud.ca", "https://accounts.zoho.sa", "https://accounts.zoho.uk",
		"https://accounts.zoho.com.cn",
	}
}

// zohoAt is where the code of a callback is exchanged: at the server that the callback names.
// That comes through the browser, and our secret goes there: it is one of Zoho's, or nothing.
func (p *Provider) zohoAt(form url.Values) (*endpoints, error) {
	at := *p.static
	at.server = p.vars["base"]
	if named := strings.TrimSuffix(form.Get("accounts-server"), "/"); named != "" {
		if !slices.Contains(zohoServers(), named) {
			return nil, fault(ErrRefused, "the callback is of %s, which is none of Zoho's servers", clip(named))
		}
		at.server = named
	}
	at.token = strings.Replace(p.kind.Token, "{base}", at.server, 1)
	return &at, nil
}
