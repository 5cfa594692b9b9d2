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
		byPAC func(*http.Request) (*url.URL, error)
	)
	return func(r *http.Request) (*url.URL, error) {
		for _, name := range []string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"} {
			if os.Getenv(name) != "" {
				return http.ProxyFromEnvironment(r)
			}
		}
		mu.Lock()
		if time.Since(asked) > proxyLife {
			before := said.script
			asked, said = time.Now(), desktopProxies()
			if said.script != before {
				byPAC = nil
			}
			if said.script != "" && byPAC == nil {
				byPAC = scripted(said.script)
			}
		}
		now, script := said, byPAC
		mu.Unlock()
		if script != nil {
			return script(r)
		}
		return now.of(r.URL), nil
	}
}

// scripted finds the proxy by a PAC script at a fixed address.
func scripted(at string) func(*http.Request) (*url.URL, error) {
	script := &pac{at: at}
	return func(r *http.Request) (*url.URL, error) {
		if here(r.URL.Hostname()) {
			return nil, nil
		}
		return script.of(r.Context(), r.URL)
	}
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
