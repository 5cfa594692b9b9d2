package policy

import (
	"fmt"
	"strings"
)

// Hosts are names of servers: in full, or everything below a domain as *.example.com.
type Hosts []string

// hosts reads a list with commas.
func hosts(v string) (Hosts, error) {
	var all Hosts
	for part := range strings.SplitSeq(v, ",") {
		part = strings.ToLower(strings.TrimSpace(part))
		if part == "" {
			continue
		}
		name := strings.TrimPrefix(part, "*.")
		if name == "" || strings.ContainsAny(name, "*/:@ ") || strings.HasPrefix(name, ".") {
			return nil, fmt.Errorf("%q is neither a host such as talk.example.com nor *.example.com", part)
		}
		all = append(all, part)
	}
	return all, nil
}

// Have reports whether a host is among them. What is below a domain is not the domain.
func (h Hosts) Have(host string) bool {
	host = strings.ToLower(host)
	for _, one := range h {
		below, any := strings.CutPrefix(one, "*")
		if one == host || any && strings.HasSuffix(host, below) && len(host) > len(below) {
			return true
		}
	}
	return false
}
