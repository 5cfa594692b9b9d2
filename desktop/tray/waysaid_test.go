package main

import (
	"strings"
	"testing"
	"time"

	"sendjay/shared/locale"
	"sendjay/shared/protocol"
)

func TestEveryStepOfTheWayIsSaidWhole(t *testing.T) {
	until := protocol.At(time.Date(2027, 5, 1, 12, 0, 0, 0, time.UTC))
	for _, lang := range []string{"ko", "en"} {
		book := locale.Of(lang)
		said := 0
		for key := range book.Keys() {
			name, is := strings.CutPrefix(key, "view.line.said.")
			if !is {
				continue
			}
			said++
			for _, kind := range []protocol.CertificateKind{"", protocol.CertificateIssuer, protocol.CertificateChain, protocol.CertificateDate, protocol.CertificateName, protocol.CertificatePinned} {
				for _, issuer := range []string{"", "Company CA"} {
					var r report
					r.wayTested(book.Say, protocol.LineCheck{Steps: []protocol.LineStep{{
						Said: protocol.LineSaid(name), Mark: protocol.MarkBad, Host: "talk.example.com", Addresses: []string{"10.0.0.1", "10.0.0.2"}, Status: 407,
						Offers: []string{"negotiate", "other"}, Issuer: issuer, Until: &until, Certificate: &protocol.CertificateFault{Kind: kind, Issuer: issuer}, Millis: 12, Seconds: 1,
					}}})
					if text := r.String(); strings.Contains(text, "view.") || strings.ContainsAny(text, "{}") {
						t.Errorf("%s in %s: %s", name, lang, text)
					}
				}
			}
		}
		if said < 20 {
			t.Errorf("%d sentences in %s", said, lang)
		}
	}
}
