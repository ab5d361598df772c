package wire

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Codes of the problems that belong to a request as a whole. The codes of field
// errors are in input.go; [Message] knows the text of both.
const (
	CodeMalformed        = "malformed_body"
	CodeTooLarge         = "body_too_large"
	CodeEncoding         = "unsupported_encoding"
	CodeUnreadable       = "unreadable_body"
	CodeUnauthorized     = "not_authenticated"
	CodeForbidden        = "forbidden"
	CodeCSRF             = "csrf_failed"
	CodeNoSecondFactor   = "second_factor_missing"
	CodeNotFound         = "not_found"
	CodeMethodNotAllowed = "method_not_allowed"
	CodeConflict         = "conflict"
	CodeGone             = "session_gone"
	CodeRateLimited      = "rate_limited"
	CodeUnknownOperation = "unknown_operation"
	CodeUnavailable      = "unavailable"
	CodeInternal         = "internal_error"
)

// FieldError says what is wrong with one input. Param is the field's name on the
// wire, or "" where the request as a whole is meant; Code is one of the contract's
// codes. The text for people comes from [Message].
type FieldError struct {
	Param string
	Code  string
	// Cause, if not empty, tells front ends what is behind a code that stands for several things.
	Cause string
}

// Problem is an answer that is not a success, as a value: what happened, not how
// a contract writes it down. It is an error, so that handlers can return it.
type Problem struct {
	// Status is the HTTP status, 400 to 599.
	Status int
	// Code names the problem where there are no Errors to do it.
	Code string
	// Errors are the field errors of a 400, in the order of the declared fields.
	Errors []FieldError
	// Allow lists the methods of a 405.
	Allow []string
	// Challenge, if not empty, is the WWW-Authenticate of a 401 (RFC 9110, section 11.6.1).
	Challenge string
	// RetryAfter is how long a client should wait after a 429 or 503.
	RetryAfter time.Duration
	// Limit, if not nil, is the number that an error is about, 0 where there is none: the
	// most characters, or the fewest.
	Limit func(FieldError) int
	// Refusal, if not nil, is what a development server says besides to who builds a page.
	Refusal *Refusal
	// Cause is for the log only and must not be sent to a client.
	Cause error
}

// ProblemWriter encodes a problem in the form of one contract. It must write
// status, headers (see [Problem.SetHeader]) and body.
type ProblemWriter func(w http.ResponseWriter, r *http.Request, p *Problem)

// Error describes the problem for the log, with its cause.
func (p *Problem) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d %s", p.Status, p.Code)
	for _, e := range p.Errors {
		fmt.Fprintf(&b, " %s:%s", e.Param, e.Code)
	}
	if p.Cause != nil {
		fmt.Fprintf(&b, ": %v", p.Cause)
	}
	return b.String()
}

// Message is the text for people of one of the errors.
func (p *Problem) Message(e FieldError) string {
	limit := 0
	if p.Limit != nil {
		limit = p.Limit(e)
	}
	if m := causeMessage(e.Cause); m != "" && e.Code == CodeUnavailable {
		return m
	}
	return Message(e.Code, e.Param, limit)
}

// Unwrap returns the cause, nil if there is none.
func (p *Problem) Unwrap() error { return p.Cause }

// SetHeader sets the headers that the problem calls for: Allow of a 405 (RFC 9110
// section 15.5.6), WWW-Authenticate, and Retry-After in whole seconds, rounded up (section 10.2.3).
func (p *Problem) SetHeader(h http.Header) {
	if len(p.Allow) > 0 {
		h.Set("Allow", strings.Join(p.Allow, ", "))
	}
	if p.Challenge != "" {
		h.Set("WWW-Authenticate", p.Challenge)
	}
	if p.Status == http.StatusTooManyRequests || p.Status == http.StatusServiceUnavailable {
		h.Set("Retry-After", strconv.FormatInt(wholeSeconds(p.RetryAfter), 10))
	}
	if p.Status == http.StatusRequestTimeout {
		h.Set("Connection", "close")
	}
}

// wholeSeconds rounds up and never says 0, which would invite a client to hammer.
func wholeSeconds(d time.Duration) int64 {
	return max(1, int64((d+time.Second-1)/time.Second))
}

// Invalid is a 400 with field errors. Without any it is a plain 400.
func Invalid(errs ...FieldError) *Problem {
	return &Problem{Status: http.StatusBadRequest, Code: CodeInvalid, Errors: errs}
}

// BadRequest is a 400 about the request as a whole, e.g. a body that is no JSON.
func BadRequest(code string, cause error) *Problem {
	return &Problem{Status: http.StatusBadRequest, Code: code, Cause: cause}
}

// Unauthorized is a 401: the client is not signed in, or a stage is pending.
func Unauthorized() *Problem {
	return &Problem{Status: http.StatusUnauthorized, Code: CodeUnauthorized}
}

// Forbidden is a 403 with its code; the cause is for the log.
func Forbidden(code string, cause error) *Problem {
	return &Problem{Status: http.StatusForbidden, Code: code, Cause: cause}
}

// NotFound is a 404.
func NotFound() *Problem {
	return &Problem{Status: http.StatusNotFound, Code: CodeNotFound}
}

// MethodNotAllowed is a 405 that says which methods the path has.
func MethodNotAllowed(allow ...string) *Problem {
	return &Problem{Status: http.StatusMethodNotAllowed, Code: CodeMethodNotAllowed, Allow: allow}
}

// Conflict is a 409: the request does not fit the state the client is in.
func Conflict() *Problem {
	return &Problem{Status: http.StatusConflict, Code: CodeConflict}
}

// Gone is a 410: the session token is unknown and the client should drop it.
func Gone() *Problem {
	return &Problem{Status: http.StatusGone, Code: CodeGone}
}

// TooManyRequests is a 429; after is when the next attempt may succeed.
func TooManyRequests(after time.Duration) *Problem {
	return &Problem{Status: http.StatusTooManyRequests, Code: CodeRateLimited, RetryAfter: after}
}

// Unread is a 408: what the client announced did not come, or it left before the answer
// (RFC 9110, section 15.5.9). The connection is of no more use.
func Unread(cause error) *Problem {
	return &Problem{Status: http.StatusRequestTimeout, Code: CodeUnreadable, Cause: cause}
}

// Unavailable is a 503: a store is down or a queue is full, try again after that long.
func Unavailable(after time.Duration, cause error) *Problem {
	return &Problem{Status: http.StatusServiceUnavailable, Code: CodeUnavailable, RetryAfter: after, Cause: cause}
}

// Internal is a 500: a fault of this server; the cause is for the log.
func Internal(cause error) *Problem {
	return &Problem{Status: http.StatusInternalServerError, Code: CodeInternal, Cause: cause}
}

// AsProblem gives the problem in err's chain. Any other error is a fault of this
// server, hence a 500, so that an unexpected error never looks like success.
// It returns nil for a nil error.
func AsProblem(err error) *Problem {
	if err == nil {
		return nil
	}
	var p *Problem
	if errors.As(err, &p) {
		return p
	}
	return Internal(err)
}
