package pages

import (
	"crypto/rand"
	"strings"
)

// sample are values to try a sign-up with.
type sample struct {
	Email    string `json:"email"`
	Username string `json:"username"`
	Phone    string `json:"phone"`
	Password string `json:"password"`
}

// newSample makes up somebody new: the data of a development server may be older than the
// browser that looks at it.
func newSample() *sample {
	name := "ann." + strings.ToLower(rand.Text()[:4])
	return &sample{Email: name + "@example.org", Username: name, Phone: "+12025550123", Password: "violet harbour 7"}
}
