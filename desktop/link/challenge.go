package link

import (
	"net/http"
	"slices"
	"strings"

	"sendjay/shared/protocol"
)

// challenge is the answer of a proxy that wants to know who asks.
type challenge struct {
	proxy  string   // as host:port
	offers []string // the ways to tell it, in lower case and in its order
}

func challengeOf(proxy string, resp *http.Response) *challenge {
	c := &challenge{proxy: proxy}
	for _, line := range resp.Header.Values("Proxy-Authenticate") {
		for _, part := range apart(line) {
			// A way begins with its name; what follows after commas is name=value, or the next way.
			name, _, _ := strings.Cut(part, " ")
			if name != "" && !strings.Contains(name, "=") && !slices.Contains(c.offers, strings.ToLower(name)) {
				c.offers = append(c.offers, strings.ToLower(name))
			}
		}
	}
	return c
}

// apart cuts a header at its commas, but not inside of quotes.
func apart(line string) (parts []string) {
	quoted, begin := false, 0
	for i := 0; i < len(line); i++ {
		switch {
		case line[i] == '"':
			quoted = !quoted
		case quoted && line[i] == '\\':
			i++
		case !quoted && line[i] == ',':
			parts = append(parts, strings.TrimSpace(line[begin:i]))
			begin = i + 1
		}
	}
	return append(parts, strings.TrimSpace(line[begin:]))
}

func (c *challenge) Error() string {
	return "the proxy wants to know who asks (" + strings.Join(c.offers, ", ") + ")"
}

// byTicket and byName report what may be told. A proxy that does not say what it wants gets a name and a password.
func (c *challenge) byTicket() bool { return slices.Contains(c.offers, "negotiate") }

func (c *challenge) byName() bool { return len(c.offers) == 0 || slices.Contains(c.offers, "basic") }

// why says what a person can do.
func (c *challenge) why() protocol.LinkWhy {
	switch {
	case c.byName():
		return protocol.WhyProxySignIn
	case c.byTicket():
		return protocol.WhyProxyTicket
	}
	return protocol.WhyProxyKind
}
