package link

import (
	"log/slog"
	"net/url"
	"strings"
	"sync"

	"sendjay/shared/protocol"
)

// ProxyKey is the name under which Keys hold what the proxy at host:port wants to hear. It is said to that proxy alone.
func ProxyKey(proxy string) string { return "proxy " + strings.ToLower(proxy) }

// ProxySecret is what Keys hold for a proxy that wants a name and a password.
func ProxySecret(name, password string) string { return url.UserPassword(name, password).String() }

// Unreached is the refusal of a question that got no answer: its field says in a word why, as far as a person can do
// something about it.
func (*Link) Unreached(err error) *protocol.Refusal {
	s := offline(err, 0)
	return &protocol.Refusal{Code: protocol.Unavailable, Field: string(s.Why), Certificate: s.Certificate}
}

// AskingProxy returns the proxy, as host:port, that wanted a name and a password when it was asked last; "" when none did.
func (l *Link) AskingProxy() string {
	l.around.mu.Lock()
	defer l.around.mu.Unlock()
	return l.around.asks
}

// SignInAtProxy keeps a name and a password for the proxy that wants them, and tries again.
func (l *Link) SignInAtProxy(name, password string) error {
	if err := l.around.wallet.keys.Set(ProxyKey(l.AskingProxy()), ProxySecret(name, password)); err != nil {
		return err
	}
	l.Wake()
	return nil
}

// wallet finds what proxies want to hear where their address does not say it. Asking a keyring takes a while, so it is
// asked once, and again when a proxy was not content.
type wallet struct {
	keys Keys
	log  *slog.Logger

	mu   sync.Mutex // guards the field below
	held map[string]*url.Userinfo
}

// fill returns the address of a proxy with what is to be said to it.
func (w *wallet) fill(proxy *url.URL) *url.URL {
	if proxy == nil || w.keys == nil {
		return proxy
	}
	at := addressOf(proxy)
	w.mu.Lock()
	user, asked := w.held[at]
	w.mu.Unlock()
	if !asked {
		user = w.ask(at)
		w.mu.Lock()
		w.held[at] = user
		w.mu.Unlock()
	}
	if user == nil {
		return proxy
	}
	full := *proxy
	full.User = user
	return &full
}

func (w *wallet) ask(at string) *url.Userinfo {
	secret, err := w.keys.Get(ProxyKey(at))
	if err != nil {
		w.log.Warn("the password for the proxy cannot be had", "error", err)
	}
	if secret == "" {
		return nil
	}
	u, err := url.Parse("http://" + secret + "@proxy")
	if err != nil {
		w.log.Warn("what is kept for the proxy cannot be read") // the error would show it
		return nil
	}
	return u.User
}

// forget asks anew.
func (w *wallet) forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	clear(w.held)
}
