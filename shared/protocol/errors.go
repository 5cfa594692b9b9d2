package protocol

import "errors"

// Code says what went wrong, in a word that programs may rely on. The sentence for people is in shared/locale.
type Code string

// The error codes, on the socket and over HTTP alike.
const (
	BadRequest      Code = "bad_request"
	Unauthenticated Code = "unauthenticated"
	BadCredentials  Code = "bad_credentials"
	Forbidden       Code = "forbidden"
	NotFound        Code = "not_found"
	MethodNotKnown  Code = "method_not_allowed"
	Conflict        Code = "conflict"
	TooLarge        Code = "too_large"
	TooLate         Code = "too_late"
	RateLimited     Code = "rate_limited"
	UnknownOp       Code = "unknown_op"
	Unavailable     Code = "unavailable"
	Internal        Code = "internal"
)

// Codes lists every error code with the HTTP status that goes with it.
var Codes = []struct {
	Code   Code
	Status int
	About  string
}{
	{BadRequest, 400, "a field is missing, of the wrong type, or not allowed"},
	{Unauthenticated, 401, "no token, a bad one, or an ended session"},
	{BadCredentials, 401, "the id or the password is wrong"},
	{Forbidden, 403, "known, but not allowed"},
	{NotFound, 404, "there is no such thing, or it is not yours to see"},
	{MethodNotKnown, 405, "the path exists, the HTTP method does not"},
	{Conflict, 409, "the id is taken by something else"},
	{TooLarge, 413, "over a limit"},
	{TooLate, 409, "the time for this has passed"},
	{RateLimited, 429, "too many; wait as long as Retry-After says"},
	{UnknownOp, 404, "no command has this name"},
	{Unavailable, 503, "cannot be done right now; try again"},
	{Internal, 500, "our fault; the log has it"},
}

// Status returns the HTTP status of c, 500 for an unknown one.
func (c Code) Status() int {
	for _, k := range Codes {
		if k.Code == c {
			return k.Status
		}
	}
	return 500
}

// Refusal is an answer that a person or a program can act on.
type Refusal struct {
	Code Code `json:"code"`
	// Field names what is wrong with the request, "" when nothing single is.
	Field string `json:"field,omitempty"`
	// RetryAfter in seconds, for RateLimited and Unavailable; 0 when nothing is known.
	RetryAfter int `json:"retryAfter,omitempty"`
	// Most is how much there may be, for TooLarge; 0 when nothing is known.
	Most int64 `json:"most,omitempty"`
	// Certificate is set when a device's own line failed for the server's certificate.
	Certificate *CertificateFault `json:"certificate,omitempty"`
}

// Error implements error.
func (r *Refusal) Error() string {
	if r.Field != "" {
		return string(r.Code) + ": " + r.Field
	}
	return string(r.Code)
}

// Refuse returns a refusal with this code.
func Refuse(c Code) *Refusal { return &Refusal{Code: c} }

// RefuseField returns a refusal that names the field at fault.
func RefuseField(c Code, field string) *Refusal { return &Refusal{Code: c, Field: field} }

// CodeOf returns the code of the refusal inside err, Internal when there is none, "" for nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	if r, ok := errors.AsType[*Refusal](err); ok {
		return r.Code
	}
	return Internal
}

// CloseCode ends a WebSocket and says whether to come back.
type CloseCode int

// The close codes. Those of RFC 6455 keep their meaning.
const (
	CloseRestart   CloseCode = 1012
	CloseReplaced  CloseCode = 4001
	CloseSignedOut CloseCode = 4002
	CloseSlow      CloseCode = 4003
	CloseSilent    CloseCode = 4008
)

// Closes lists our close codes. A client comes back by itself, with jitter, only where Return says so.
var Closes = []struct {
	Code   CloseCode
	Name   string
	Return bool
	About  string
}{
	{CloseRestart, "restart", true, "the server restarts"},
	{CloseReplaced, "replaced", false, "a newer session of this device kind took over"},
	{CloseSignedOut, "signed_out", false, "this device was signed out"},
	{CloseSlow, "slow", true, "this session did not read; it catches up by rev"},
	{CloseSilent, "silent", true, "the heartbeat was missed"},
}
