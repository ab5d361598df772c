package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// TestReadmeAnotherPort: the chapter's page on whatever port of this machine just works with a
// development server, passkeys included, whether letters have links or codes.
func TestReadmeAnotherPort(t *testing.T) {
	page := readChapter(t).page
	for _, byCode := range []bool{false, true} {
		t.Run(fmt.Sprintf("by code %t", byCode), func(t *testing.T) {
			env := append(os.Environ(), fmt.Sprintf("STAGEDOOR_ACCOUNT__EMAIL_VERIFICATION_BY_CODE_ENABLED=%t", byCode))
			p, err := launch(t.TempDir(), "stagedoor", env, "dev", "--listen", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer p.kill()
			front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "text/html")
				_, _ = io.WriteString(w, strings.ReplaceAll(page, "https://auth.example.com", byName(p.url)))
			}))
			t.Cleanup(front.Close)
			w := openApp(t, byName(front.URL))
			verify := w.byCode(func(to string) string { return p.letter(t, to, `\b[A-Z]{4}-[A-Z]{4}\b`) })
			if !byCode {
				verify = func(address string) {
					w.says("open the link in the letter")
					w.until(`document.querySelector('[name=goOn]').hidden`)
					key := strings.Trim(p.letter(t, address, `"key":"[^"]+"`)[len(`"key":`):], `"`)
					w.do("open the link", chromedp.Navigate(byName(p.url)+"/account/verify-email/"+key))
					// The server's page was not told which address waits on the other one.
					confirm := `[...document.querySelectorAll('button')].find((b) => b.textContent.trim() === 'Confirm ` + address + `')`
					w.until(confirm)
					w.do("confirm it", chromedp.Evaluate[chromedp.Void](confirm+`.click()`))
					w.until(`location.pathname === '/account/login'`)
					w.do("go back", chromedp.Navigate(byName(front.URL)))
				}
			}
			w.journey(verify)
			if said := p.said(); strings.Contains(said, "refused by") {
				t.Errorf("the server has something to say of the page:\n%s", said)
			}
		})
	}
}

// byName is the address of this machine by its name, of which passkeys are.
func byName(url string) string { return strings.Replace(url, "127.0.0.1", "localhost", 1) }

// letter waits for a letter in the mailbox of a development server, and finds something in it.
func (p *process) letter(t *testing.T, to, find string) string {
	t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		resp, err := http.Get(p.url + "/dev/mailbox.json?to=" + to)
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if found := regexp.MustCompile(find).FindString(string(text)); found != "" {
			return found
		}
		if time.Now().After(deadline) {
			t.Fatalf("no letter came: %s", text)
		}
	}
}
