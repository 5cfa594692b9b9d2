package link

import (
	"cmp"
	"context"
	"crypto/tls"
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
	// ticket is what a host is shown, nil where this computer has nothing; secure how TLS is spoken. Both are set before
	// anybody goes.
	ticket func(ctx context.Context, host string) ([]byte, error)
	secure *tls.Config
	// patience is how long a ticket is waited for.
	patience time.Duration

	mu   sync.Mutex           // guards the fields below
	down map[string]time.Time // by address: when nobody answered there
	took map[string]bool      // by address: the proxies that took a ticket
	// renewed is when the ways were last asked for anew because none of them answered.
	renewed time.Time
	asks    string // the one that wanted a name and a password and was not content, as host:port
}

func newDetour(w ways, held *wallet) *detour {
	return &detour{
		ways: w, wallet: held, patience: ticketWithin, dialer: net.Dialer{Timeout: dialWithin, KeepAlive: 30 * time.Second},
		down: map[string]time.Time{}, took: map[string]bool{},
	}
}

// ports are those that an address goes without.
var ports = map[string]string{"http": "80", "ws": "80", "https": "443", "wss": "443", "socks5": "1080", "socks5h": "1080"}

// addressOf is what is dialled for u.
func addressOf(u *url.URL) string {
	return net.JoinHostPort(u.Hostname(), cmp.Or(u.Port(), ports[u.Scheme]))
}

// way chooses the way to where r goes, nil for the one without a proxy.
func (d *detour) way(r *http.Request) (*url.URL, error) {
	all, err := d.to(r)
	if err != nil {
		return nil, err
	}
	way := d.choose(r, all)
	passageOf(r.Context()).chosen(way)
	return way, nil
}

func (d *detour) choose(r *http.Request, all []*url.URL) *url.URL {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, way := range all {
		if at := d.down[addressOf(cmp.Or(way, r.URL))]; at.IsZero() || time.Since(at) > shunned {
			return way
		}
	}
	// None of them answers: perhaps it is others by now.
	if time.Since(d.renewed) > proxyLife {
		d.renewed = time.Now()
		d.ways.forget()
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
	clear(d.took)
	d.mu.Unlock()
	d.wallet.forget()
	d.ways.forget()
}
