package feed

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"net/netip"
	"strings"
	"unicode/utf8"

	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// The width of the columns.
const (
	keyNameRunes = 100
	netsBytes    = 1000
)

// NewKey makes a key for a system of the company that may deliver from these networks, from anywhere when there are
// none. What is kept of it does not let anybody deliver.
func NewKey(name string, nets []string) (key string, k store.FeedKey, err error) {
	name = strings.TrimSpace(name)
	if name == "" || utf8.RuneCountInString(name) > keyNameRunes || !utf8.ValidString(name) || strings.ContainsRune(name, 0) {
		return "", k, protocol.RefuseField(protocol.BadRequest, "name")
	}
	for _, n := range nets {
		if _, bad := netip.ParsePrefix(n); bad != nil {
			return "", k, protocol.RefuseField(protocol.BadRequest, "nets")
		}
	}
	all := strings.Join(nets, ",")
	if len(all) > netsBytes {
		return "", k, protocol.RefuseField(protocol.BadRequest, "nets")
	}
	key = rand.Text()
	return key, store.FeedKey{ID: strings.ToLower(rand.Text()[:8]), Name: name, Hash: HashKey(key), Nets: all}, nil
}

// HashKey is what is kept of a key.
func HashKey(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])
}
