package main

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"sendjay/desktop/edge"
	"sendjay/desktop/keyring"
	"sendjay/desktop/link"
	"sendjay/desktop/policy"
	"sendjay/desktop/state"
	"sendjay/shared/locale"
	"sendjay/shared/protocol"
)

// testWithin is how long somebody waits for a test of the way; the test itself gives up before.
const testWithin = time.Minute

// speech fills in a sentence of the person's language: a locale.Book's.
type speech func(key string, pairs ...any) string

// wayTested writes what a test of the way to the server found, as the window does.
func (r *report) wayTested(say speech, c protocol.LineCheck) {
	fmt.Fprintln(r, say("view.line.title"))
	for _, s := range c.Steps {
		fmt.Fprintf(r, "[%s] %s\n", say("view.line.mark."+string(s.Mark)), stepSaid(say, s))
	}
}

func stepSaid(say speech, s protocol.LineStep) string {
	none := say("view.line.none")
	until := ""
	if s.Until != nil {
		until = s.Until.Time().Local().Format(time.DateOnly)
	}
	var offers []string
	for _, o := range s.Offers {
		offers = append(offers, cmp.Or(offerNames[o], o))
	}
	text := say("view.line.said."+string(s.Said), "host", s.Host, "addresses", strings.Join(s.Addresses, ", "), "status", s.Status,
		"offers", cmp.Or(strings.Join(offers, ", "), none), "issuer", cmp.Or(s.Issuer, none), "until", until, "ms", s.Millis, "seconds", s.Seconds)
	if f := s.Certificate; f != nil {
		text += " " + faultSaid(say, f)
	}
	return text
}

// faultSaid says what is wrong with a certificate, and names the issuer that is missing where it has a name.
func faultSaid(say speech, f *protocol.CertificateFault) string {
	switch f.Kind {
	case protocol.CertificateIssuer, protocol.CertificateChain:
		if f.Issuer == "" {
			break
		}
		return say("view.link.cert."+string(f.Kind), "issuer", f.Issuer)
	case protocol.CertificateDate, protocol.CertificateName, protocol.CertificatePinned:
		return say("view.link.cert." + string(f.Kind))
	}
	return say("view.link.why.certificate")
}

// The ways to sign in at a proxy are written as their standards write them.
var offerNames = map[string]string{"basic": "Basic", "digest": "Digest", "negotiate": "Negotiate", "ntlm": "NTLM"}

// proxyKeys are what is kept for proxies, and nothing else.
type proxyKeys struct{ link.Keys }

func (k proxyKeys) Get(name string) (string, error) {
	if !strings.HasPrefix(name, link.ProxyKey("")) {
		return "", nil
	}
	return k.Keys.Get(name)
}

// testWay tests the way to the server while no tray runs. It reads the profile and changes nothing, so it does not sign in either.
func (r *report) testWay(ctx context.Context, s policy.Settings, log *slog.Logger) error {
	lang, chosen := systemLanguage(), ""
	if memory, err := state.Look(s.Profile); err == nil {
		lang, chosen = language(memory), memory.Recall(edge.KeyServer)
		_ = memory.Close()
	}
	up, err := lineTo(s, chosen, "", proxyKeys{keyring.New(keyring.Config{Dir: s.Profile, NoFile: !s.SecretFile, Log: log})}, log)
	if err != nil {
		return err
	}
	c := up.Check(ctx)
	c.Steps = slices.DeleteFunc(c.Steps, func(s protocol.LineStep) bool { return s.Said == protocol.SaidSocketUntried })
	r.wayTested(locale.Of(lang).Say, c)
	return nil
}
