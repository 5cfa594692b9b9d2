package link

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/url"
	"sync"
)

// passage is what was seen on the way to a server. Only who tests the line has one in his context; nil notes nothing.
type passage struct {
	mu sync.Mutex // guards the field below
	sighting
}

// sighting is what a passage holds.
type sighting struct {
	led    bool     // a way was chosen
	way    *url.URL // nil for the one without a proxy
	offers []string // how the proxy wanted to hear who asks
	status int      // the last one with which it refused
	plea   plea     // with what it let us through
	let    bool
	host   string // who showed the certificates
	shown  []*x509.Certificate
	safe   bool
}

type passageKey struct{}

func passageOf(ctx context.Context) *passage {
	p, _ := ctx.Value(passageKey{}).(*passage)
	return p
}

func (p *passage) note(f func(s *sighting)) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	f(&p.sighting)
}

func (p *passage) chosen(way *url.URL) { p.note(func(s *sighting) { s.led, s.way = true, way }) }
func (p *passage) asked(no *challenge) { p.note(func(s *sighting) { s.offers = no.offers }) }
func (p *passage) refused(status int)  { p.note(func(s *sighting) { s.status = status }) }
func (p *passage) passed(by plea)      { p.note(func(s *sighting) { s.let, s.plea = true, by }) }

func (p *passage) secured(host string, c tls.ConnectionState, err error) {
	shown := c.PeerCertificates
	if no, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		shown = no.UnverifiedCertificates
	}
	p.note(func(s *sighting) { s.host, s.shown, s.safe = host, shown, err == nil })
}

func (p *passage) seen() sighting {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.sighting
}
