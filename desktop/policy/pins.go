package policy

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/url"
	"strings"
)

// Pins are SHA-256 sums of public keys (SubjectPublicKeyInfo, as in RFC 7469).
type Pins [][sha256.Size]byte

// pins reads sums in base64, with commas between them; "sha256//" before one, as curl takes it, or "sha256/" may stand.
// A slip of the pen must not take the protection away: what cannot be read is a key that no server has.
func pins(s string) (Pins, error) {
	var all Pins
	for part := range strings.SplitSeq(s, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		if rest, marked := strings.CutPrefix(part, "sha256/"); marked {
			part = rest
			if len(part) > base64.StdEncoding.EncodedLen(sha256.Size) { // a sum may begin with a slash itself
				part = strings.TrimPrefix(part, "/")
			}
		}
		raw, err := base64.StdEncoding.DecodeString(part)
		if err != nil || len(raw) != sha256.Size {
			return Pins{{}}, errors.New("want SHA-256 sums of public keys in base64, with commas")
		}
		all = append(all, [sha256.Size]byte(raw))
	}
	return all, nil
}

// Pinned is the host to which Pins belong: that of Server, and of no other one that the person chooses.
func (s Settings) Pinned() string {
	at, err := url.Parse(s.Server)
	if err != nil {
		return ""
	}
	return at.Hostname()
}
