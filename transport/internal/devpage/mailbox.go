package devpage

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"stagedoor/transport/internal/deliver"
	"stagedoor/transport/internal/headless"
	"stagedoor/transport/internal/wire"
)

// mailbox is the development mailbox as the page asks for it.
type mailbox struct {
	*deliver.Mailbox
	// since sets this mailbox apart from that of an earlier process, in Unix milliseconds: ids
	// begin again with each.
	since int64
}

// letterView is a letter without its HTML, which has an address of its own.
type letterView struct {
	ID       int64     `json:"id"`
	At       time.Time `json:"at"`
	Channel  string    `json:"channel"`
	Template string    `json:"template"`
	To       string    `json:"to"`
	Subject  string    `json:"subject,omitempty"`
	Text     string    `json:"text"`
	HTML     bool      `json:"html"`
	Code     string    `json:"code,omitempty"`
	Key      string    `json:"key,omitempty"`
	URL      string    `json:"url,omitempty"`
}

// list answers the letters, newest first: all of them, those after an id (?after=), or
// those to an address (?to=). The page asks every second or two, so it is not logged.
func (b *mailbox) list(w http.ResponseWriter, r *http.Request) {
	wire.Quiet(w)
	// What is not a number asks for all.
	after, _ := strconv.ParseInt(r.URL.Query().Get("after"), 10, 64)
	answer := struct {
		Since   int64        `json:"since"`
		Letters []letterView `json:"letters"`
	}{b.since, []letterView{}}
	for _, l := range b.List(r.URL.Query().Get("to")) {
		if l.ID <= after {
			break
		}
		answer.Letters = append(answer.Letters, letterView{
			ID: l.ID, At: l.At, Channel: string(l.Channel), Template: string(l.Template), To: l.To, Subject: l.Subject, Text: l.Text,
			HTML: l.HTML != "", Code: l.Code, Key: l.Key, URL: l.URL,
		})
	}
	writeJSON(w, answer)
}

// clear empties the mailbox.
func (b *mailbox) clear(w http.ResponseWriter, _ *http.Request) {
	b.Clear()
	w.WriteHeader(http.StatusNoContent)
}

// letterPolicy keeps a letter from running or loading anything. Its links open in a
// window of their own.
const letterPolicy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; " +
	"sandbox allow-popups allow-popups-to-escape-sandbox"

// letter answers the HTML of a letter, for a frame of the page.
func (b *mailbox) letter(w http.ResponseWriter, r *http.Request) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	l, ok := b.Get(id)
	if err != nil || !ok || l.HTML == "" {
		headless.WriteProblem(w, r, wire.NotFound())
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", letterPolicy)
	h.Set("X-Frame-Options", "SAMEORIGIN")
	_, _ = w.Write([]byte(strings.Replace(l.HTML, "<head>", `<head><base target="_blank">`, 1)))
}
