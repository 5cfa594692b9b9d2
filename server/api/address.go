package api

import (
	"errors"
	"io"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"sendjay/shared/protocol"
)

// Address is where a request comes from. A forwarding header counts only when a configured proxy wrote it:
// read from the right, the first address that is no proxy of ours.
func (a *API) Address(r *http.Request) string {
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	at := from.Addr().Unmap()
	if !a.proxy(at) {
		return at.String()
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, hop := range slices.Backward(hops) {
		next, err := netip.ParseAddr(strings.TrimSpace(hop))
		if err != nil {
			break
		}
		at = next.Unmap()
		if !a.proxy(at) {
			break
		}
	}
	return at.String()
}

func (a *API) proxy(at netip.Addr) bool {
	return slices.ContainsFunc(a.Proxies, func(p netip.Prefix) bool { return p.Contains(at) })
}

// secure reports whether the browser reached us by TLS, directly, through a configured proxy, or under our
// public name.
func (a *API) secure(r *http.Request) bool {
	if r.TLS != nil || a.Public != "" && strings.EqualFold(r.Host, a.Public) {
		return true
	}
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && a.proxy(from.Addr().Unmap()) && r.Header.Get("X-Forwarded-Proto") == "https"
}

// readAll reads what was sent. When it does not come whole that is the sender's fault, or his line's, and none of ours.
func readAll(from io.Reader) ([]byte, error) {
	raw, err := io.ReadAll(from)
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); err != nil && !tooLarge {
		return nil, protocol.Refuse(protocol.BadRequest)
	}
	return raw, err
}
