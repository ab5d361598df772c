package provider

import (
	"net/url"
	"regexp"
	"strings"
)

// tenantMark stands for a tenant's id in the issuer of metadata that is for all tenants
// ("common", "organizations").
const tenantMark = "{tenantid}"

// tenantID is a GUID, as Microsoft spells it.
var tenantID = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// tenantIssuer tells an issuer of Microsoft's identity platform that differs from the
// one the metadata was asked from in nothing but the tenant. A tenant can be asked for by
// a domain name and is then named by its id; common and organizations stand for all
// tenants and are named {tenantid}. This is Microsoft's documented deviation from OpenID
// Connect Discovery section 4.3, and it is accepted of Microsoft alone.
func (p *Provider) tenantIssuer(issuer string) bool {
	asked, ok := p.tenantIn(p.issuer)
	found, okToo := p.tenantIn(issuer)
	switch {
	case !ok || !okToo || tenantID.MatchString(asked):
		return false
	case asked == "common" || asked == "organizations":
		return found == tenantMark
	}
	return tenantID.MatchString(found)
}

// oneTenant tells the issuer of a single tenant where the metadata is for all.
func (p *Provider) oneTenant(all, issuer string) bool {
	found, ok := p.tenantIn(issuer)
	return ok && isTemplate(all) && isOf(issuer, all, found)
}

// tenantIn is the tenant that an issuer names, if the issuer is Microsoft's.
func (p *Provider) tenantIn(issuer string) (string, bool) {
	asked, err := url.Parse(p.issuer)
	if err != nil || !p.kind.Tenants && !isMicrosoft(asked.Host) {
		return "", false
	}
	rest, ok := strings.CutPrefix(issuer, asked.Scheme+"://"+asked.Host+"/")
	tenant, okToo := strings.CutSuffix(rest, "/v2.0")
	return tenant, ok && okToo
}

// signInName is a user principal name that is an address, or "". By convention it is (Microsoft
// Graph, "user resource type"); that of a guest is none, but has his address at home written
// into it, and ends with the domain of the host (Microsoft Entra, "Properties of a B2B
// collaboration user").
func signInName(name string) string {
	if strings.Contains(strings.ToUpper(name), "#EXT#") {
		return ""
	}
	return name
}

// isMicrosoft tells the hosts of Microsoft's clouds.
func isMicrosoft(host string) bool {
	switch host {
	case "login.microsoftonline.com", "login.microsoftonline.us", "login.partner.microsoftonline.cn":
		return true
	}
	return false
}

// isTemplate tells an issuer that stands for all tenants.
func isTemplate(issuer string) bool { return strings.Contains(issuer, tenantMark) }

// isOf tells the issuer of one tenant, by the claim tid, where the metadata is for all.
func isOf(issuer, all, tid string) bool {
	return tenantID.MatchString(tid) && issuer == strings.ReplaceAll(all, tenantMark, tid)
}
