package suite

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
)

// desk is what a person has besides the client, over HTTP for programs in any language:
// /mail?to=ADDRESS is the key or code of the last mail (with &n=2 of the second, once it is
// there), /totp?secret=SECRET what an authenticator app shows. Pages of any origin may ask.
// Each code is of a time step of its own, for which the server's clock is moved: nobody has to
// wait for the code that is taken a second time.
type desk struct{ lab *Lab }

// NewDesk serves a desk until the test ends, and returns its address.
func NewDesk(t testing.TB, l *Lab) string {
	t.Helper()
	d := desk{l}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /mail", d.mail)
	mux.HandleFunc("GET /totp", d.totp)
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(web.Close)
	return web.URL
}

// mail waits for the next mail to an address. The lab's own look at it ends a test from
// outside its goroutine, so this one asks by itself.
func (d desk) mail(w http.ResponseWriter, r *http.Request) {
	to := r.URL.Query().Get("to")
	n, _ := strconv.Atoi(r.URL.Query().Get("n"))
	for end := time.Now().Add(Patience); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if sent := d.lab.Mails.To(to); len(sent) >= max(n, 1) {
			if n == 0 {
				n = len(sent)
			}
			data := sent[n-1].Data
			fmt.Fprint(w, data["key"], data["code"])
			return
		}
	}
	http.Error(w, "no mail to "+to, http.StatusNotFound)
}

func (d desk) totp(w http.ResponseWriter, r *http.Request) {
	d.lab.Clock.Pass(30 * time.Second)
	code, err := totp.GenerateCode(r.URL.Query().Get("secret"), d.lab.Clock.Read())
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	fmt.Fprint(w, code)
}
