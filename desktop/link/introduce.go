package link

import (
	"context"
	"encoding/base64"
	"errors"
	"net/url"
	"time"
)

// ticketWithin is how long the realm is waited for: a proxy may take a password too.
const ticketWithin = 5 * time.Second

// plea is what a proxy is told of who asks: nothing, a name and a password, a ticket that was just made, or a new ticket
// on every new connection.
type plea struct {
	user   *url.Userinfo
	ticket string
	anew   bool
}

// introduce lets try go through a proxy. It tells it what it took the last time, else what is kept for it; where it is not
// content, the Kerberos ticket of this computer, and after that the name and the password. As in browsers, the proxies that
// the system or the company names are shown tickets unasked. It ends with the challenge where nothing helps.
func (d *detour) introduce(ctx context.Context, proxy *url.URL, try func(plea) (*challenge, error)) error {
	at, user := addressOf(proxy), d.wallet.fill(proxy).User
	now := plea{user: user}
	if d.trusts(at) {
		now = plea{anew: true}
	}
	seen := passageOf(ctx)
	for shown, told := now.anew, false; ; {
		told = told || now.user != nil
		no, err := try(now)
		if err != nil {
			return err
		}
		d.trust(at, no == nil && (now.anew || now.ticket != ""))
		if no == nil {
			seen.passed(now)
			return nil
		}
		seen.asked(no)
		if no.byTicket() && (!shown || now.anew) {
			shown = true
			if now = (plea{ticket: d.show(ctx, proxy)}); now.ticket != "" {
				continue
			}
		}
		if !no.byName() || user == nil || told {
			d.ask(at, no)
			return no
		}
		now = plea{user: user}
	}
}

// show returns what a proxy is shown: a ticket made for this one time, since proxies take none twice. It is "" where there
// is none.
func (d *detour) show(ctx context.Context, proxy *url.URL) string {
	if d.ticket == nil {
		return ""
	}
	type made struct {
		ticket []byte
		err    error
	}
	got := make(chan made, 1)
	go func() { // a realm that does not answer holds it for longer than anybody waits; then it ends by itself
		t, err := d.ticket(ctx, proxy.Hostname())
		got <- made{t, err}
	}()
	late := time.NewTimer(d.patience)
	defer late.Stop()
	var m made
	select {
	case m = <-got:
	case <-late.C:
		m.err = errors.New("the realm does not answer")
	case <-ctx.Done():
		m.err = ctx.Err()
	}
	if m.err != nil {
		d.wallet.log.Info("no ticket for the proxy", "error", m.err)
		return ""
	}
	return "Negotiate " + base64.StdEncoding.EncodeToString(m.ticket)
}

// trusts reports whether the proxy took a ticket the last time.
func (d *detour) trusts(at string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.took[at]
}

func (d *detour) trust(at string, took bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if took {
		d.took[at] = true
	} else {
		delete(d.took, at)
	}
}

// ask notes that a proxy was not content.
func (d *detour) ask(at string, no *challenge) {
	d.wallet.forget() // the next time it may hold something else
	d.mu.Lock()
	defer d.mu.Unlock()
	d.asks = ""
	if no.byName() {
		d.asks = at
	}
}
