package link

import (
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
)

// proxyLife is how long what the desktop says of its proxy is believed.
const proxyLife = time.Minute

// ways says which ways lead to an address, in their order; nil is the one without a proxy.
type ways interface {
	to(r *http.Request) ([]*url.URL, error)
	// forget makes it look anew.
	forget()
	// script reports whether it is a script that says it.
	script() bool
}

// fixed is a proxy that was decided, nil for none.
type fixed struct{ *url.URL }

func (f fixed) to(*http.Request) ([]*url.URL, error) { return []*url.URL{f.URL}, nil }
func (fixed) forget()                                {}
func (fixed) script() bool                           { return false }

// system finds the proxy as other programs of this desktop do: the environment first, and where it says
// nothing, the settings of the desktop.
type system struct {
	mu    sync.Mutex // guards the fields below
	asked time.Time
	said  proxies
	byPAC *scripted
}

func (s *system) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = time.Time{}
}

func (s *system) to(r *http.Request) ([]*url.URL, error) {
	if environment() {
		at, err := http.ProxyFromEnvironment(r)
		return []*url.URL{at}, err
	}
	s.mu.Lock()
	if time.Since(s.asked) > proxyLife {
		before := s.said.script
		s.asked, s.said = time.Now(), desktopProxies()
		if s.said.script != before {
			s.byPAC = nil
		}
		if s.said.script != "" && s.byPAC == nil {
			s.byPAC = &scripted{pac{at: s.said.script}}
		}
	}
	now, script := s.said, s.byPAC
	s.mu.Unlock()
	if script != nil {
		return script.to(r)
	}
	return []*url.URL{now.of(r.URL)}, nil
}

func (s *system) script() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.byPAC != nil && !environment()
}

// environment reports whether the environment names a proxy.
func environment() bool {
	return slices.ContainsFunc([]string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"}, func(name string) bool { return os.Getenv(name) != "" })
}

// scripted finds the ways by a PAC script at a fixed address.
type scripted struct{ pac }

func (s *scripted) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fetched = time.Time{}
}

func (*scripted) script() bool { return true }

func (s *scripted) to(r *http.Request) ([]*url.URL, error) {
	if here(r.URL.Hostname()) {
		return []*url.URL{nil}, nil
	}
	return s.of(r.Context(), r.URL)
}

// proxies is what a desktop says: an address by scheme, "" for all, and the hosts that are reached without; or where a
// script is that says it.
type proxies struct {
	by     map[string]string
	direct []string
	script string
}

// here reports whether a host is this computer, which no proxy leads to.
func here(host string) bool {
	return host == "localhost" || strings.HasPrefix(host, "127.") || host == "::1"
}

// httpScheme is the scheme of the request by which a WebSocket is opened.
func httpScheme(scheme string) string {
	switch scheme {
	case "ws":
		return "http"
	case "wss":
		return "https"
	}
	return scheme
}

// of returns the proxy for u, nil for none.
func (p proxies) of(u *url.URL) *url.URL {
	scheme, host := httpScheme(u.Scheme), strings.ToLower(u.Hostname())
	at := p.by[scheme]
	if at == "" {
		at = p.by[""]
	}
	if at == "" || here(host) || p.passes(host) {
		return nil
	}
	if !strings.Contains(at, "://") {
		at = "http://" + at
	}
	found, err := url.Parse(at)
	if err != nil || found.Host == "" {
		return nil
	}
	return found
}

// passes reports whether host is reached without a proxy: "<local>" is a name without a dot, "*" stands for
// anything, and ".example.com" for all of its hosts.
func (p proxies) passes(host string) bool {
	for _, d := range p.direct {
		d = strings.ToLower(strings.TrimSpace(d))
		switch {
		case d == "":
		case d == "<local>":
			if !strings.Contains(host, ".") {
				return true
			}
		case d == host, strings.HasPrefix(d, ".") && strings.HasSuffix(host, d):
			return true
		case strings.HasPrefix(d, "*") && strings.HasSuffix(host, d[1:]):
			return true
		case strings.HasSuffix(d, "*") && strings.HasPrefix(host, d[:len(d)-1]):
			return true
		}
	}
	return false
}

// byScheme reads "host:port", or "http=host:port;https=host:port" as Windows writes it.
func byScheme(s string) map[string]string {
	by := map[string]string{}
	for part := range strings.SplitSeq(s, ";") {
		scheme, at, split := strings.Cut(strings.TrimSpace(part), "=")
		if !split {
			scheme, at = "", scheme
		}
		if at != "" {
			by[strings.ToLower(scheme)] = at
		}
	}
	return by
}
