package openapi

import (
	"strings"
	"testing"
)

// TestPage lays out everything that the sample has.
func TestPage(t *testing.T) {
	page, err := sample().Page()
	if err != nil {
		t.Fatal(err)
	}
	text := string(page)
	for _, part := range []string{
		"<style>" + pageStyle + "</style>", "<script>" + pageScript + "</script>", "<p><strong>Strong.</strong> Second.</p>",
		`<section class="group" id="two-words">`, `<details class="operation app" id="putThing">`, "POST /mount/things/{thing}",
		"<code>X-Trace</code>", "string or null", `<section class="group" id="operations">`, `id="getThing"`,
		`id="shape-Thing"`, "list of string", `list of <a href="#shape-Thing">Thing</a>`, "It failed.",
	} {
		if !strings.Contains(text, part) {
			t.Errorf("the page lacks %.60q", part)
		}
	}
	if strings.Contains(text, "http://") || strings.Contains(text, "https://") {
		t.Error("the page refers to somewhere else")
	}
}

// TestPagePolicy lets run what is on the page and nothing else.
func TestPagePolicy(t *testing.T) {
	policy := pagePolicy()
	if !strings.Contains(policy, hashed(pageStyle)) || !strings.Contains(policy, hashed(pageScript)) || strings.Contains(policy, "unsafe") {
		t.Errorf("policy %s", policy)
	}
}

// TestPageOfLittle: a document without servers, tags and schemas has a page too.
func TestPageOfLittle(t *testing.T) {
	d := &Document{Info: Info{Title: "Little"}}
	d.Add("GET", "/a", &Operation{ID: "getA", Responses: Ordered[*Response]{{"200", &Response{Description: "Done."}}}})
	page, err := d.Page()
	if err != nil || !strings.Contains(string(page), "<code>GET /a</code>") {
		t.Errorf("%v\n%s", err, page)
	}
}
