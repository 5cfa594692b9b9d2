package link

import (
	"context"
	"encoding/base64"
	"net"
	"net/url"

	"sendjay/shared/protocol"
)

// ShowsTicket reports whether the server may be shown the Kerberos ticket of this computer: when it is named for that, and
// nobody on the way can read it.
func (l *Link) ShowsTicket() bool {
	_, may := l.shows(l.Server())
	return may
}

func (l *Link) shows(server string) (host string, may bool) {
	u, err := url.Parse(server)
	if err != nil || l.Ticket == nil || l.Shows == nil {
		return "", false
	}
	host = u.Hostname()
	safe := u.Scheme == "https" || u.Scheme == "http" && loopback(host)
	return host, safe && host != "" && l.Shows(host)
}

// loopback reports whether a host is this machine, where nobody is on the way.
func loopback(host string) bool {
	at := net.ParseIP(host)
	return host == "localhost" || at != nil && at.IsLoopback()
}

// SignInByTicket signs this device in with the Kerberos ticket of its computer. The server that was asked about is the one
// that is shown it, whatever is chosen meanwhile; it is not shown to where an answer would send us.
func (l *Link) SignInByTicket(ctx context.Context) (protocol.SignedIn, error) {
	server := l.Server()
	host, may := l.shows(server)
	if !may {
		return protocol.SignedIn{}, protocol.RefuseField(protocol.Forbidden, "kerberos")
	}
	t, err := l.Ticket(ctx, host)
	if err != nil {
		l.Log.Info("no ticket to sign in with", "error", err)
		return protocol.SignedIn{}, protocol.RefuseField(protocol.Unauthenticated, "kerberos")
	}
	return l.signIn(ctx, server, "/auth/kerberos", "Negotiate "+base64.StdEncoding.EncodeToString(t), protocol.KerberosLogin{Device: protocol.Desktop})
}
