// Package ticket asks this computer for proof of who sits before it: a Kerberos ticket for one web server, as browsers show
// it (RFC 4559).
// It knows where systems keep tickets; it does not know who may be shown one, nor the line to the server.
//
// On Windows the system itself is asked, for Kerberos alone: it never answers with NTLM, whose answers can be passed on.
// Elsewhere the file is read in which kinit and the sign-in of the system leave tickets.
package ticket

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// ErrNone says that this computer has no ticket that would do: nobody signed in to the company's realm, or too long ago.
var ErrNone = errors.New("there is no Kerberos ticket")

// For returns what to show to the web server of a host. It may ask the realm, which can take some seconds.
func For(ctx context.Context, host string) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	host = strings.ToLower(host)
	if host == "" || strings.ContainsAny(host, "/@\\ ") {
		return nil, fmt.Errorf("%q is no host", host)
	}
	return forService("HTTP", host)
}
