package link

import (
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"
)

// proxyLife is how long what the desktop says of its proxy is believed.
const proxyLife = time.Minute

// systemProxy finds the proxy as other programs of this desktop do: the environment first, and where it says
// nothing, the settings of the desktop.
func systemProxy() func(*http.Request) (*url.URL, error) {
	var (
		mu    sync.Mutex // guards the fields below
		asked time.Time
		said  proxies
	)
	return func(r *http.Request) (*url.URL, error) {
		for _, name := range []string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"} {
			if os.Getenv(name) != "" {
				return http.ProxyFromEnvironment(r)
			}
		}
		mu.Lock()
		defer mu.Unlock()
		if time.Since(asked) > proxyLife {
			asked, said = time.Now(), desktopProxies()
		}
		return said.of(r.URL), nil
	}
}

// proxies is what a desktop says: an address by scheme, "" for all, and the hosts that are reached without.
type proxies struct {
	by     map[string]string
	direct []string
}

// of returns the proxy for u, nil for none.
func (p proxies) of(u *url.URL) *url.URL {
	scheme, host := u.Scheme, strings.ToLower(u.Hostname())
	switch scheme {
	case "ws":
		scheme = "http"
	case "wss":
		scheme = "https"
	}
	at := p.by[scheme]
	if at == "" {
		at = p.by[""]
	}
	if at == "" || host == "localhost" || strings.HasPrefix(host, "127.") || host == "::1" || p.passes(host) {
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
