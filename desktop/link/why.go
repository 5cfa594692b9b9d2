package link

import (
	"errors"
	"net"
	"net/http"
	"strings"

	"sendjay/shared/protocol"
)

// reason says in a word why there is no line, as far as a person can do something about it.
func reason(err error, status int) protocol.LinkWhy {
	var (
		name *net.DNSError
		op   *net.OpError
	)
	if by, ok := errors.AsType[*notOurs](err); ok && status == 0 {
		status = by.status
	}
	if no, ok := errors.AsType[*challenge](err); ok {
		return no.why()
	}
	switch {
	case status == http.StatusProxyAuthRequired, err != nil && strings.Contains(err.Error(), http.StatusText(http.StatusProxyAuthRequired)):
		return protocol.WhyProxySignIn
	case errors.As(err, &op) && op.Op == "proxyconnect":
		return protocol.WhyProxy
	case certificateFault(err) != nil:
		return protocol.WhyCertificate
	case errors.As(err, &name):
		return protocol.WhyName
	case errors.Is(err, refused):
		return protocol.WhyRefused
	case status >= 300 && status < 400:
		return protocol.WhyMoved
	case status != 0 && status != http.StatusUnauthorized && status != http.StatusServiceUnavailable && status != http.StatusTooManyRequests:
		return protocol.WhyBlocked
	}
	return ""
}
