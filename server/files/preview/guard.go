package preview

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"path"
	"slices"
	"strings"
	"syscall"
)

// errInside says that an address is not for the public, so that it is not asked.
var errInside = errors.New("the address is not a public one")

// inside are networks that netip does not call private and that still are not the internet.
var inside = func() []netip.Prefix {
	var out []netip.Prefix
	for _, p := range []string{
		"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
		"64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "fec0::/10",
	} {
		out = append(out, netip.MustParsePrefix(p))
	}
	return out
}()

// public reports whether a is an address that anybody on the internet may ask. The last networks above hold
// addresses of the others inside them, so they are out too.
func public(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if !a.IsValid() || !a.IsGlobalUnicast() || a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() {
		return false
	}
	return !slices.ContainsFunc(inside, func(p netip.Prefix) bool { return p.Contains(a) })
}

// own reports whether a is an address of this computer.
func own(a netip.Addr) bool {
	all, err := net.InterfaceAddrs()
	if err != nil {
		return true // not known: then it may be
	}
	for _, x := range all {
		if n, ok := x.(*net.IPNet); ok {
			if at, ok := netip.AddrFromSlice(n.IP); ok && at.Unmap() == a.Unmap() {
				return true
			}
		}
	}
	return false
}

// dialer looks at the address after its name was looked up and right before it is asked, so that no name can
// be one address for the look and another for the visit.
func (f *Fetcher) dialer() func(ctx context.Context, network, address string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		d := net.Dialer{Timeout: f.Patience}
		if !slices.Contains(f.Inside, address) {
			d.Control = func(_, at string, _ syscall.RawConn) error {
				to, err := netip.ParseAddrPort(at)
				if err != nil || !public(to.Addr()) || own(to.Addr()) || to.Port() != 80 && to.Port() != 443 {
					return fmt.Errorf("%w: %s", errInside, at)
				}
				return nil
			}
		}
		return d.DialContext(ctx, network, address)
	}
}

// Permits says whether a page may be asked at all, as far as its address tells.
func (f *Fetcher) Permits(link string) error {
	u, err := url.Parse(link)
	if err != nil {
		return err
	}
	return f.permitted(u)
}

// permitted says whether a page may be asked at all, before its name is looked up.
func (f *Fetcher) permitted(u *url.URL) error {
	host := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	switch {
	case u.Scheme != "http" && u.Scheme != "https", host == "", u.User != nil, len(u.String()) > 2000:
		return errors.New("not an address of a page")
	case under(host, f.Deny), len(f.Allow) > 0 && !under(host, f.Allow):
		return errors.New("not a domain to show")
	}
	return nil
}

// under reports whether host is one of domains or stands below one.
func under(host string, domains []string) bool {
	return slices.ContainsFunc(domains, func(d string) bool { return host == d || strings.HasSuffix(host, "."+d) })
}

// redirects follows a few, each looked at like the first address, and none to where one signs in.
func (f *Fetcher) redirects(r *http.Request, via []*http.Request) error {
	if len(via) > mostRedirects {
		return errors.New("too many redirects")
	}
	if signIn(r.URL) && !signIn(via[0].URL) {
		return errSignIn
	}
	return f.permitted(r.URL)
}

var errSignIn = errors.New("one has to sign in to see it")

// onlySignIn reports whether an address is that of a place to sign in and of nothing else: a text about logging in has
// the word in its address too.
func onlySignIn(u *url.URL) bool {
	last := strings.ToLower(path.Base(u.Path))
	last = strings.TrimSuffix(last, path.Ext(last))
	return signInHost(u) || slices.Contains([]string{"login", "log-in", "signin", "sign-in", "sign_in", "sso", "oauth", "saml", "logon"}, last)
}

func signInHost(u *url.URL) bool {
	host := strings.ToLower(u.Hostname())
	return slices.ContainsFunc([]string{"login.", "signin.", "sso.", "auth.", "accounts.", "idp."}, func(word string) bool { return strings.HasPrefix(host, word) })
}

// signIn reports whether an address looks like a place to sign in.
func signIn(u *url.URL) bool {
	at := strings.ToLower(u.Path)
	for _, word := range []string{"login", "signin", "sign-in", "sign_in", "sso", "oauth", "/auth", "saml", "logon"} {
		if strings.Contains(at, word) {
			return true
		}
	}
	return signInHost(u)
}
