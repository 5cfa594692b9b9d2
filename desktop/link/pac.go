package link

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/dop251/goja"
)

// The bounds of a PAC script: what a proxy's administrator wrote runs in our process.
const (
	pacBytes  = 1 << 20
	pacWithin = 10 * time.Second // to fetch it
	pacRuns   = 2 * time.Second  // for one answer
	pacLife   = time.Hour        // until it is fetched again
	pacLooks  = 2 * time.Second  // for one name that it asks for
)

// PACPrefix stands before an address in the settings that is one of a PAC script.
const PACPrefix = "pac+"

// pac is a script that says which proxy leads to an address. Nothing of it is made before it is asked.
type pac struct {
	at string // where the script is: http, https or file

	mu      sync.Mutex // guards the fields below; the engine does one thing at a time
	vm      *goja.Runtime
	find    goja.Callable
	fetched time.Time
}

// of returns the ways to u in their order, nil for the one without a proxy.
func (p *pac) of(ctx context.Context, u *url.URL) ([]*url.URL, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.find == nil || time.Since(p.fetched) > pacLife {
		if err := p.load(ctx); err != nil && p.find == nil {
			return nil, fmt.Errorf("proxy script: %w", err)
		}
	}
	asked := *u
	asked.Scheme = httpScheme(u.Scheme)
	asked.User = nil
	if asked.Scheme == "https" { // what is secret stays so
		asked.Path, asked.RawQuery = "/", ""
	}
	stop := time.AfterFunc(pacRuns, func() { p.vm.Interrupt("too slow") })
	said, err := p.find(goja.Undefined(), p.vm.ToValue(asked.String()), p.vm.ToValue(u.Hostname()))
	stop.Stop()
	p.vm.ClearInterrupt()
	if err != nil {
		return nil, fmt.Errorf("proxy script: %w", err)
	}
	return waysIn(said.String())
}

// load fetches the script and reads it. The caller holds mu.
func (p *pac) load(ctx context.Context) error {
	text, err := fetchScript(ctx, p.at)
	if err != nil {
		return err
	}
	vm := goja.New()
	vm.SetMaxCallStackSize(200)
	for name, f := range pacWords {
		if err := vm.Set(name, f); err != nil {
			return err
		}
	}
	stop := time.AfterFunc(pacRuns, func() { vm.Interrupt("too slow") })
	_, err = vm.RunString(text + pacDates)
	stop.Stop()
	if err != nil {
		return err
	}
	vm.ClearInterrupt()
	find, ok := goja.AssertFunction(vm.Get("FindProxyForURL"))
	if !ok {
		return errors.New("it has no FindProxyForURL")
	}
	p.vm, p.find, p.fetched = vm, find, time.Now()
	return nil
}

// fetchScript gets the script, without a proxy.
func fetchScript(ctx context.Context, at string) (string, error) {
	if path, ok := strings.CutPrefix(at, "file://"); ok {
		raw, err := os.ReadFile(path)
		if len(raw) > pacBytes {
			return "", errors.New("it is too long")
		}
		return string(raw), err
	}
	ctx, stop := context.WithTimeout(ctx, pacWithin)
	defer stop()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, at, http.NoBody)
	if err != nil {
		return "", err
	}
	t := &http.Transport{DisableKeepAlives: true}
	resp, err := t.RoundTrip(r)
	if err != nil {
		return "", err
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, pacBytes+1))
	switch {
	case err != nil:
		return "", err
	case resp.StatusCode != http.StatusOK:
		return "", fmt.Errorf("status %d", resp.StatusCode)
	case len(raw) > pacBytes:
		return "", errors.New("it is too long")
	}
	return string(raw), nil
}

// waysIn reads what a script answers, such as "PROXY a:3128; PROXY b:3128; DIRECT": those that we can use.
func waysIn(said string) (all []*url.URL, err error) {
	for part := range strings.SplitSeq(said, ";") {
		kind, at, _ := strings.Cut(strings.TrimSpace(part), " ")
		scheme := ""
		switch strings.ToUpper(kind) {
		case "DIRECT":
			all = append(all, nil)
			continue
		case "PROXY", "HTTP":
			scheme = "http"
		case "HTTPS":
			scheme = "https"
		case "SOCKS", "SOCKS5":
			scheme = "socks5"
		default:
			continue
		}
		if u, err := url.Parse(scheme + "://" + strings.TrimSpace(at)); err == nil && u.Host != "" {
			all = append(all, u)
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("proxy script: %q names no proxy", said)
	}
	return all, nil
}

// pacWords are the functions that every PAC script may call.
var pacWords = map[string]any{
	"isPlainHostName": func(host string) bool { return !strings.Contains(host, ".") },
	"dnsDomainIs": func(host, domain string) bool {
		return strings.HasSuffix(strings.ToLower(host), strings.ToLower(domain))
	},
	"dnsDomainLevels": func(host string) int { return strings.Count(host, ".") },
	"localHostOrDomainIs": func(host, full string) bool {
		return strings.EqualFold(host, full) || !strings.Contains(host, ".") && strings.HasPrefix(strings.ToLower(full), strings.ToLower(host)+".")
	},
	"isResolvable": func(host string) bool { return lookUp(host) != "" },
	"dnsResolve":   lookUp,
	"myIpAddress":  ownAddress,
	"isInNet": func(host, network, mask string) bool {
		ip, base, m := net.ParseIP(host), net.ParseIP(network).To4(), net.ParseIP(mask).To4()
		if ip == nil {
			ip = net.ParseIP(lookUp(host))
		}
		if ip = ip.To4(); ip == nil || base == nil || m == nil {
			return false
		}
		return ip.Mask(net.IPMask(m)).Equal(base.Mask(net.IPMask(m)))
	},
	"shExpMatch": shellMatch,
	"alert":      func(string) {},
}

// lookUp returns the first IPv4 address of a name, "" for none.
func lookUp(host string) string {
	ctx, stop := context.WithTimeout(context.Background(), pacLooks)
	defer stop()
	all, err := net.DefaultResolver.LookupIP(ctx, "ip4", host)
	if err != nil || len(all) == 0 {
		return ""
	}
	return all[0].String()
}

// ownAddress returns this computer's address in its network.
func ownAddress() string {
	all, err := net.InterfaceAddrs()
	if err == nil {
		for _, a := range all {
			if n, ok := a.(*net.IPNet); ok && n.IP.To4() != nil && !n.IP.IsLoopback() && !n.IP.IsLinkLocalUnicast() {
				return n.IP.String()
			}
		}
	}
	return "127.0.0.1"
}

// shellMatch reports whether s fits a pattern with * and ?.
func shellMatch(s, pattern string) bool {
	star, mark, i, j := -1, 0, 0, 0
	for i < len(s) {
		switch {
		case j < len(pattern) && pattern[j] == '*':
			star, mark = j, i
			j++
		case j < len(pattern) && (pattern[j] == '?' || pattern[j] == s[i]):
			i++
			j++
		case star >= 0:
			mark++
			i, j = mark, star+1
		default:
			return false
		}
	}
	return strings.Trim(pattern[j:], "*") == ""
}

// pacDates are the functions about time. They are part of the script, because they read the clock as it does.
const pacDates = `
;function weekdayRange(from, to, zone) {
  var days = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"], gmt = zone === "GMT" || to === "GMT";
  var now = new Date(), today = gmt ? now.getUTCDay() : now.getDay();
  var a = days.indexOf(from), b = to === undefined || to === "GMT" ? a : days.indexOf(to);
  return a <= b ? a <= today && today <= b : today >= a || today <= b;
}
function timeRange() {
  var a = Array.prototype.slice.call(arguments), gmt = a[a.length - 1] === "GMT";
  if (gmt) a.pop();
  var now = new Date(), h = gmt ? now.getUTCHours() : now.getHours(), m = gmt ? now.getUTCMinutes() : now.getMinutes(), s = gmt ? now.getUTCSeconds() : now.getSeconds();
  var t = h * 3600 + m * 60 + s, from, to;
  if (a.length === 1) return h === a[0];
  if (a.length === 2) { from = a[0] * 3600; to = a[1] * 3600; }
  else if (a.length === 4) { from = a[0] * 3600 + a[1] * 60; to = a[2] * 3600 + a[3] * 60; }
  else { from = a[0] * 3600 + a[1] * 60 + a[2]; to = a[3] * 3600 + a[4] * 60 + a[5]; }
  return from <= to ? from <= t && t < to : t >= from || t < to;
}
function dateRange() {
  var months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
  var a = Array.prototype.slice.call(arguments), gmt = a[a.length - 1] === "GMT";
  if (gmt) a.pop();
  var now = new Date(), y = gmt ? now.getUTCFullYear() : now.getFullYear(), m = gmt ? now.getUTCMonth() : now.getMonth(), d = gmt ? now.getUTCDate() : now.getDate();
  function number(part) {
    var n = 0;
    part.forEach(function (x) { n += typeof x === "string" ? months.indexOf(x) * 100 : x > 31 ? x * 10000 : x; });
    return n;
  }
  function today(part) {
    var n = 0;
    part.forEach(function (x) { n += typeof x === "string" ? m * 100 : x > 31 ? y * 10000 : d; });
    return n;
  }
  if (a.length === 1) return number(a) === today(a);
  var half = a.length / 2, from = a.slice(0, half), to = a.slice(half), f = number(from), t = number(to), n = today(from);
  return f <= t ? f <= n && n <= t : n >= f || n <= t;
}
`
