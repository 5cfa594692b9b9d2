// Package preview looks at the page behind a link and says what it is about: title, description, site, a picture.
// It knows HTTP and HTML; it does not know messages, rooms or who sees what.
// It asks public addresses only, so that nobody can look into the company's network, or at this computer, through it.
package preview

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"sendjay/shared/protocol"
)

// The bounds of a look.
const (
	patience      = 5 * time.Second
	mostRedirects = 4
	pageBytes     = 512 << 10
	imageBytes    = 6 << 20
)

// ErrNothing says that a page has nothing to show.
var ErrNothing = errors.New("nothing to show")

// Fetcher fetches pages. Set its fields before the first use.
type Fetcher struct {
	// Patience bounds a look, redirects and all; 0 is 5 s.
	Patience time.Duration
	// Allow are the only domains to look at, none for all; Deny are not looked at.
	Allow, Deny []string
	// Inside are host:port that may be asked although they are not public.
	Inside []string
}

// Page is what a page says of itself.
type Page struct {
	URL, Title, About, Site string
	// Image is the address of its picture, "" for none.
	Image string
}

// Link returns the first address of a page in a text, "" when there is none. Every text that is sent comes through
// here, so one without an address costs no more than the look for "://".
func Link(text string) string {
	for from := 0; ; {
		at := strings.Index(text[from:], "://")
		if at < 0 {
			return ""
		}
		at += from
		from = at + len("://")
		// The bytes of the text itself: in lower case a text may be longer or shorter, and its places others.
		before := text[:at]
		switch {
		case endsIn(before, "https"):
			at -= len("https")
		case endsIn(before, "http"):
			at -= len("http")
		default:
			continue
		}
		rest := text[at:]
		end := strings.IndexFunc(rest, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune("<>\"'`", r) })
		if end >= 0 {
			rest = rest[:end]
		}
		rest = strings.TrimRight(rest, ".,;:!?)]}")
		if u, err := url.Parse(rest); err == nil && u.Hostname() != "" {
			return rest
		}
	}
}

// endsIn reports whether text ends in word, in letters of any size.
func endsIn(text, word string) bool {
	return len(text) >= len(word) && strings.EqualFold(text[len(text)-len(word):], word)
}

// Look fetches a page and reads what it says of itself.
func (f *Fetcher) Look(ctx context.Context, link string) (Page, error) {
	ctx, cancel := context.WithTimeout(ctx, f.patience())
	defer cancel()
	r, err := f.get(ctx, link, "text/html,application/xhtml+xml")
	if err != nil {
		return Page{}, err
	}
	defer r.Body.Close()
	if onlySignIn(r.Request.URL) {
		return Page{}, errSignIn
	}
	kind := r.Header.Get("Content-Type")
	if !strings.HasPrefix(kind, "text/html") && !strings.HasPrefix(kind, "application/xhtml") {
		return Page{}, fmt.Errorf("%w: it is %q", ErrNothing, kind)
	}
	p, err := read(io.LimitReader(r.Body, pageBytes), kind)
	if err != nil {
		return Page{}, err
	}
	p.URL = link
	if p.Site == "" {
		p.Site = r.Request.URL.Hostname()
	}
	if p.Title == "" {
		return Page{}, ErrNothing
	}
	if p.Image != "" {
		if at, err := r.Request.URL.Parse(p.Image); err == nil && f.permitted(at) == nil {
			p.Image = at.String()
		} else {
			p.Image = ""
		}
	}
	return p, nil
}

// Picture fetches the picture of a page; the reader ends where pictures are too large.
func (f *Fetcher) Picture(ctx context.Context, link string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, f.patience())
	defer cancel()
	r, err := f.get(ctx, link, "image/*")
	if err != nil {
		return nil, err
	}
	defer r.Body.Close()
	b, err := io.ReadAll(io.LimitReader(r.Body, imageBytes+1))
	if err == nil && len(b) > imageBytes {
		err = fmt.Errorf("%w: the picture is too large", ErrNothing)
	}
	return b, err
}

func (f *Fetcher) patience() time.Duration {
	if f.Patience > 0 {
		return f.Patience
	}
	return patience
}

// get asks without cookies, without a referrer, and never through a proxy: a proxy would look up names itself.
func (f *Fetcher) get(ctx context.Context, link, accept string) (*http.Response, error) {
	u, err := url.Parse(link)
	if err != nil {
		return nil, err
	}
	if err := f.permitted(u); err != nil {
		return nil, err
	}
	c := &http.Client{
		Transport: &http.Transport{
			DialContext: f.dialer(), DisableKeepAlives: true, ResponseHeaderTimeout: f.patience(), TLSHandshakeTimeout: f.patience(), MaxResponseHeaderBytes: 64 << 10,
		},
		CheckRedirect: f.redirects,
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, link, nil)
	if err != nil {
		return nil, err
	}
	r.Header.Set("User-Agent", "Sendjay-Preview/"+protocol.Version)
	r.Header.Set("Accept", accept)
	r.Header.Set("Accept-Language", "ko,en;q=0.8")
	answer, err := c.Do(r)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode != http.StatusOK {
		_ = answer.Body.Close()
		return nil, fmt.Errorf("%w: status %d", ErrNothing, answer.StatusCode)
	}
	return answer, nil
}
