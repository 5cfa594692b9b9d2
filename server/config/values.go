package config

// How the values of settings are read; what is none of a kind is refused with what is wanted.

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"
)

func nonEmpty(v string) error {
	if v == "" {
		return errors.New("must not be empty")
	}
	return nil
}

func onOff(v string, to *bool) error {
	switch strings.ToLower(v) {
	case "on", "true", "1", "yes":
		*to = true
	case "off", "false", "0", "no":
		*to = false
	default:
		return errors.New("want on or off")
	}
	return nil
}

func span(v string, least, most time.Duration, to *time.Duration) error {
	d, err := time.ParseDuration(v)
	if err != nil || d < least || d > most {
		return fmt.Errorf("want a time such as 15m, from %v to %v", least, most)
	}
	*to = d
	return nil
}

// size reads a number of bytes, such as 500MB or 2GB.
func size(v string, to *int64) error {
	number, unit := strings.TrimSpace(v), int64(1)
	for i, name := range []string{"KB", "MB", "GB", "TB"} {
		if rest, ok := strings.CutSuffix(strings.ToUpper(number), name); ok {
			number, unit = strings.TrimSpace(rest), 1<<(10*(i+1))
		}
	}
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || n < 0 || n > 1<<50/unit {
		return errors.New("want a size such as 500MB or 2GB")
	}
	*to = n * unit
	return nil
}

func domains(v string) []string {
	var out []string
	for part := range words(v) {
		out = append(out, strings.ToLower(strings.Trim(part, ".*")))
	}
	return out
}

// kinds reads media types, whole or as image/*.
func kinds(v string, to *[]string) error {
	for part := range words(v) {
		if group, kind, ok := strings.Cut(part, "/"); !ok || group == "" || kind == "" {
			return fmt.Errorf("%q is no kind such as image/png or image/*", part)
		}
		*to = append(*to, strings.ToLower(part))
	}
	return nil
}

func words(v string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for part := range strings.SplitSeq(v, ",") {
			if part = strings.TrimSpace(part); part != "" && !yield(part) {
				return
			}
		}
	}
}

// origin reads a web origin: scheme and host, nothing else.
// hostPort reports whether v is host:port or :port, the port a number that there is, or a name such as http.
func hostPort(v string) bool {
	_, port, err := net.SplitHostPort(v)
	return err == nil && port != "" && isPort(port)
}

func isPort(s string) bool {
	_, err := net.LookupPort("tcp", s)
	return err == nil
}

// portOf reports whether the port of u, if one is named, is one that there is.
func portOf(u *url.URL) bool { return u.Port() == "" || isPort(u.Port()) }

// place reports whether v is a folder, or the address of an S3 store.
func place(v string) bool {
	if !strings.Contains(v, "://") {
		return true
	}
	u, err := url.Parse(v)
	if err != nil || u.Scheme != "s3" || len(u.Host) < 3 {
		return false
	}
	at := u.Query().Get("endpoint")
	if at == "" {
		return true
	}
	end, err := url.Parse(at)
	return err == nil && (end.Scheme == "http" || end.Scheme == "https") && end.Hostname() != "" && portOf(end)
}

func origin(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.Path != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil || !portOf(u) {
		return nil, fmt.Errorf("%q is not an origin such as https://portal.example.com", s)
	}
	return u, nil
}

func prefix(s string) (netip.Prefix, error) {
	if p, err := netip.ParsePrefix(s); err == nil {
		return p, nil
	}
	a, err := netip.ParseAddr(s)
	if err != nil {
		return netip.Prefix{}, err
	}
	return a.Prefix(a.BitLen())
}
