package protocol

import "strings"

// The ways to sign in beside the password: a ticket of the company's portal, an OpenID provider, the Kerberos ticket of
// the computer, and a browser that is signed in already and vouches for the desktop application of the same machine.

// Ways says how one may sign in here.
type Ways struct {
	// Passwords is "all", or "admins" where only administrators and owners have any use for one.
	Passwords string `json:"passwords"`
	// Portal is set where the company's portal signs people in.
	Portal bool `json:"portal,omitempty"`
	// OIDC is set where there is an OpenID provider: the words on the button.
	OIDC *ButtonLabel `json:"oidc,omitempty"`
	// Kerberos is set where the computer's own ticket signs people in.
	Kerberos *KerberosWay `json:"kerberos,omitempty"`
}

// KerberosWay is signing in by the ticket that a computer got when somebody signed in to it.
type KerberosWay struct {
	// Label stands on the button.
	Label ButtonLabel `json:"label"`
	// Silent is set where a page may try without being asked.
	Silent bool `json:"silent,omitempty"`
	// Browser is set by a desktop that shows this server no ticket itself: the browser of its machine may.
	Browser bool `json:"browser,omitempty"`
}

// KerberosLogin asks for a session with the ticket in Authorization: Negotiate.
type KerberosLogin struct {
	Device Device `json:"device"`
}

// ButtonLabel is what stands on a button, by language; empty for the page's own words.
type ButtonLabel struct {
	Ko string `json:"ko"`
	En string `json:"en"`
}

// TicketLogin asks for a session with a ticket of the portal.
type TicketLogin struct {
	Ticket string `json:"ticket"`
	Device Device `json:"device"`
}

// Vouch asks for a code with which the desktop application that made the challenge signs in as me. The challenge is
// the SHA-256 of its verifier, base64url without padding.
type Vouch struct {
	Challenge string `json:"challenge"`
}

// Vouched is the code. It serves once, within a minute.
type Vouched struct {
	Code string `json:"code"`
}

// VouchedLogin asks for a desktop session with a code and the verifier behind its challenge.
type VouchedLogin struct {
	Code     string `json:"code"`
	Verifier string `json:"verifier"`
}

// LoggedOut answers the end of a sign-in.
type LoggedOut struct {
	// Next is where a browser has to go to end the session of the OpenID provider too.
	Next string `json:"next,omitempty"`
}

// challengeRunes is the length of a SHA-256 in base64url without padding.
const challengeRunes = 43

// Challenge reports whether s can be the challenge of a Vouch.
func Challenge(s string) bool {
	return len(s) == challengeRunes && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") == ""
}
