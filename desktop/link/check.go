package link

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gorilla/websocket"

	"sendjay/shared/protocol"
)

const (
	// checkWithin bounds a test of the way, lookWithin the search for a name in it.
	checkWithin = 45 * time.Second
	lookWithin  = 5 * time.Second
	// clockWithin is by how much clocks may differ; certificates and tickets bear some minutes.
	clockWithin = time.Minute
)

// Check goes the whole way to the server anew, as every request and every WebSocket goes, and says what it saw.
func (l *Link) Check(ctx context.Context) protocol.LineCheck {
	ctx, cancel := context.WithTimeout(ctx, checkWithin)
	defer cancel()
	c := &check{link: l, server: l.Server(), seen: &passage{}}
	c.ctx = context.WithValue(ctx, passageKey{}, c.seen)
	c.run()
	return protocol.LineCheck{Steps: c.steps}
}

type check struct {
	link   *Link
	ctx    context.Context
	server string
	at     *url.URL
	way    *url.URL // nil for the one without a proxy
	seen   *passage
	steps  []protocol.LineStep
}

func (c *check) add(mark protocol.LineMark, s protocol.LineStep) {
	s.Mark = mark
	c.steps = append(c.steps, s)
}

func (c *check) good(s protocol.LineStep) { c.add(protocol.MarkGood, s) }
func (c *check) bad(s protocol.LineStep)  { c.add(protocol.MarkBad, s) }

func (c *check) run() {
	var err error
	if c.at, err = url.Parse(c.server); err != nil || c.server == "" {
		c.bad(protocol.LineStep{Said: protocol.SaidNoServer})
		return
	}
	r, err := http.NewRequestWithContext(c.ctx, http.MethodGet, c.server+"/healthz", http.NoBody)
	if err != nil {
		c.bad(protocol.LineStep{Said: protocol.SaidNoServer})
		return
	}
	r.Header.Set("User-Agent", c.link.Agent)
	r.Header.Set("Cache-Control", "no-cache")
	if !c.chose(r) {
		return
	}
	named := c.look()
	out := c.link.http.Transport.(*outward)
	fresh := &outward{out.Clone(), out.around}
	fresh.DisableKeepAlives = true
	began := time.Now()
	resp, err := fresh.RoundTrip(r)
	took := time.Since(began)
	if err == nil {
		_ = resp.Body.Close()
	}
	if !named && err != nil {
		return // all else follows from it
	}
	if !c.proxied(err) || !c.encrypted(err) || !c.answered(resp, err, took) {
		return
	}
	c.upgraded()
	c.compared(resp, began.Add(took/2))
}

// chose says which way leads to the server.
func (c *check) chose(r *http.Request) bool {
	var err error
	if c.way, err = c.link.around.way(r); err != nil {
		c.bad(protocol.LineStep{Said: protocol.SaidNoWay})
		return false
	}
	script := c.link.around.script()
	switch {
	case c.way == nil && script:
		c.good(protocol.LineStep{Said: protocol.SaidScriptDirect})
	case c.way == nil:
		c.good(protocol.LineStep{Said: protocol.SaidDirect})
	case script:
		c.good(protocol.LineStep{Said: protocol.SaidScriptProxy, Host: addressOf(c.way)})
	default:
		c.good(protocol.LineStep{Said: protocol.SaidProxy, Host: addressOf(c.way)})
	}
	return true
}

// look searches for the name that this computer has to know: behind a proxy, the proxy knows the server's.
func (c *check) look() bool {
	host := c.at.Hostname()
	if c.way != nil {
		host = c.way.Hostname()
	}
	if net.ParseIP(host) != nil {
		return true
	}
	ctx, cancel := context.WithTimeout(c.ctx, lookWithin)
	defer cancel()
	all, err := net.DefaultResolver.LookupHost(ctx, host)
	if err != nil {
		c.bad(protocol.LineStep{Said: protocol.SaidNoName, Host: host})
		return false
	}
	c.good(protocol.LineStep{Said: protocol.SaidName, Host: host, Addresses: all})
	return true
}

// proxied says what the proxy wanted, and reports whether it let us through.
func (c *check) proxied(err error) bool {
	if c.way == nil {
		return true
	}
	saw := c.seen.seen()
	step := protocol.LineStep{Host: addressOf(c.way), Status: saw.status, Offers: saw.offers}
	no, asked := errors.AsType[*challenge](err)
	op, broke := errors.AsType[*net.OpError](err)
	switch {
	case asked:
		step.Said = map[protocol.LinkWhy]protocol.LineSaid{
			protocol.WhyProxySignIn: protocol.SaidWantsName, protocol.WhyProxyTicket: protocol.SaidWantsTicket, protocol.WhyProxyKind: protocol.SaidWantsKind,
		}[no.why()]
		step.Status, step.Offers = http.StatusProxyAuthRequired, no.offers
	case saw.let && (saw.plea.anew || saw.plea.ticket != ""):
		step.Said = protocol.SaidProxyTicket
	case saw.let && saw.plea.user != nil:
		step.Said = protocol.SaidProxyName
	case saw.let, err == nil:
		step.Said = protocol.SaidProxyOpen
	case saw.status != 0:
		step.Said = protocol.SaidProxyRefuses
	case broke && op.Op == "proxyconnect", !bySOCKS(c.way):
		step.Said = protocol.SaidProxySilent
	default:
		return true // SOCKS says no more
	}
	switch step.Said {
	case protocol.SaidProxyOpen, protocol.SaidProxyName, protocol.SaidProxyTicket:
		c.good(step)
		return true
	}
	c.bad(step)
	return false
}

// encrypted says whose certificate came.
func (c *check) encrypted(err error) bool {
	if c.at.Scheme != "https" {
		c.add(protocol.MarkNone, protocol.LineStep{Said: protocol.SaidNoTLS})
		return true
	}
	saw := c.seen.seen()
	if !strings.EqualFold(saw.host, c.at.Hostname()) {
		return true // nobody to speak with
	}
	step := protocol.LineStep{Said: protocol.SaidTLS, Host: saw.host}
	if len(saw.shown) > 0 {
		until := protocol.At(saw.shown[0].NotAfter)
		step.Issuer, step.Until = shown(saw.shown[0]), &until
	}
	if saw.safe {
		c.good(step)
		return true
	}
	step.Said = protocol.SaidTLSFailed
	if step.Certificate = certificateFault(err); step.Certificate != nil && step.Until != nil {
		step.Said = protocol.SaidTLSRefused
	}
	c.bad(step)
	return false
}

func (c *check) answered(resp *http.Response, err error, took time.Duration) bool {
	step := protocol.LineStep{Said: protocol.SaidServer, Host: c.at.Host, Millis: int(took.Milliseconds())}
	switch {
	case err == nil && resp.StatusCode == http.StatusOK:
		c.good(step)
		return true
	case err == nil:
		step.Said, step.Status = protocol.SaidServerStatus, resp.StatusCode
	case errors.Is(err, refused):
		step.Said = protocol.SaidServerRefused
	default:
		step.Said = protocol.SaidServerSilent
	}
	c.bad(step)
	return false
}

// upgraded tries a WebSocket that is no session.
func (c *check) upgraded() {
	token, err := c.link.access(c.ctx, "")
	if err != nil {
		c.add(protocol.MarkNone, protocol.LineStep{Said: protocol.SaidSocketUntried})
		return
	}
	k := c.link.upgrade(c.ctx, c.server, "/ws?trial=1", token)
	if k.err == nil && echoes(c.ctx, k.ws) {
		c.good(protocol.LineStep{Said: protocol.SaidSocket})
		return
	}
	c.bad(protocol.LineStep{Said: protocol.SaidSocketBlocked, Status: k.status})
}

// echoes carries one frame each way.
func echoes(ctx context.Context, ws *websocket.Conn) bool {
	defer context.AfterFunc(ctx, func() { _ = ws.Close() })()
	defer func() { _ = ws.Close() }()
	if ws.WriteMessage(websocket.TextMessage, []byte("through?")) != nil {
		return false
	}
	_, back, err := ws.ReadMessage()
	return err == nil && string(back) == "through?"
}

// compared says how far this clock is from the server's, which tells whole seconds.
func (c *check) compared(resp *http.Response, at time.Time) {
	theirs, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		return
	}
	ahead := at.Sub(theirs.Add(time.Second / 2)).Round(time.Second)
	step := protocol.LineStep{Said: protocol.SaidClock, Seconds: int(ahead.Abs() / time.Second)}
	switch {
	case ahead > clockWithin:
		step.Said = protocol.SaidClockAhead
	case ahead < -clockWithin:
		step.Said = protocol.SaidClockBehind
	default:
		c.good(step)
		return
	}
	c.bad(step)
}
