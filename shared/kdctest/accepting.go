package kdctest

import (
	"github.com/jcmturner/gokrb5/v8/service"
	"github.com/jcmturner/gokrb5/v8/spnego"
)

// Accepts reports whether Service takes what it is shown, as a proxy would judge it: by its own key, and each showing once.
func (c *Centre) Accepts(shown []byte) bool {
	var token spnego.SPNEGOToken
	if token.Unmarshal(shown) != nil {
		return false
	}
	keys := c.Keys(c.Keytab)
	ok, _, _ := spnego.SPNEGOService(keys, service.DecodePAC(false)).AcceptSecContext(&token)
	return ok
}
