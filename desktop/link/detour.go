package link

import (
	"cmp"
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// shunned is how long a way is passed over that led nowhere, as long as there is another one.
const shunned = 5 * time.Minute

// detour chooses among the ways to an address the first that answers, for requests and for WebSockets alike.
type detour struct {
	ways
	dialer net.Dialer
	wallet *wallet

	mu   sync.Mutex           // guards the fields below
	down map[string]time.Time // by address: when nobody answered there
	last string               // the proxy that was chosen last, as host:port
	asks string               // the one that wanted a name and a password
}

func newDetour(w ways, held *wallet) *detour {
	return &detour{ways: w, wallet: held, dialer: net.Dialer{Timeout: dialWithin, KeepAlive: 30 * time.Second}, down: map[string]time.Time{}}
}

// ports are those that an address goes without.
var ports = map[string]string{"http": "80", "ws": "80", "https": "443", "wss": "443", "socks5": "1080"}

// addressOf is what is dialled for u.
func addressOf(u *url.URL) string {
	return net.JoinHostPort(u.Hostname(), cmp.Or(u.Port(), ports[u.Scheme]))
}

// proxy is what http.Transport and the dialer of WebSockets ask.
func (d *detour) proxy(r *http.Request) (*url.URL, error) {
	all, err := d.to(r)
	if err != nil {
		return nil, err
	}
	way := d.choose(r, all)
	if way != nil {
		d.mu.Lock()
		d.last = addressOf(way)
		d.mu.Unlock()
	}
	return d.wallet.fill(way), nil
}

// refused notes that the proxy was not content with what it was told; the next time it may be something else.
func (d *detour) refused() {
	d.mu.Lock()
	d.asks = d.last
	d.mu.Unlock()
	d.wallet.forget()
}

func (d *detour) choose(r *http.Request, all []*url.URL) *url.URL {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, way := range all {
		if at := d.down[addressOf(cmp.Or(way, r.URL))]; at.IsZero() || time.Since(at) > shunned {
			return way
		}
	}
	return all[0]
}

// dial notes who does not answer.
func (d *detour) dial(ctx context.Context, network, address string) (net.Conn, error) {
	c, err := d.dialer.DialContext(ctx, network, address)
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case err == nil:
		delete(d.down, address)
	case !errors.Is(ctx.Err(), context.Canceled):
		d.down[address] = time.Now()
	}
	return c, err
}

// forget begins anew, as in another network.
func (d *detour) forget() {
	d.mu.Lock()
	clear(d.down)
	d.mu.Unlock()
	d.wallet.forget()
	d.ways.forget()
}
