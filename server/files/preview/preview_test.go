package preview

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"
	"golang.org/x/text/encoding/korean"
)

func site(t *testing.T, h http.HandlerFunc) (*httptest.Server, *Fetcher) {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s, &Fetcher{Inside: []string{strings.TrimPrefix(s.URL, "http://")}}
}

func page(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, body)
	}
}

func TestAPageSaysWhatItIsAbout(t *testing.T) {
	s, f := site(t, page(`<html><head><title>not this</title><meta property="og:title" content="새 사옥  이전 안내 &amp; 일정"><meta name="description" content="다음 달 3일부터">
<meta property="og:site_name" content="사내 소식"><meta property="og:image" content="/house.png"></head><body>`))
	p, err := f.Look(t.Context(), s.URL+"/news?id=1")
	if err != nil {
		t.Fatal(err)
	}
	if want := (Page{URL: s.URL + "/news?id=1", Title: "새 사옥 이전 안내 & 일정", About: "다음 달 3일부터", Site: "사내 소식", Image: s.URL + "/house.png"}); p != want {
		t.Errorf("got %+v", p)
	}
}

func TestOldKoreanPagesAreRead(t *testing.T) {
	s, f := site(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		text, err := korean.EUCKR.NewEncoder().String(`<meta charset="euc-kr"><title>공지 사항</title>`)
		if err != nil {
			t.Error(err)
		}
		fmt.Fprint(w, text)
	})
	if p, err := f.Look(t.Context(), s.URL); err != nil || p.Title != "공지 사항" || p.Site != "127.0.0.1" {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestPlacesToSignInAreNotShown(t *testing.T) {
	s, f := site(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/form":
			page(`<title>Mail</title><form><input name=p TYPE=Password></form>`)(w, r)
		case "/secret":
			http.Redirect(w, r, "/sso/login?next=/secret", http.StatusFound)
		case "/closed":
			w.WriteHeader(http.StatusUnauthorized)
		default:
			page(`<title>Sign in</title>`)(w, r)
		}
	})
	for _, path := range []string{"/form", "/secret", "/closed", "/login", "/Login.do?to=/", "/oauth"} {
		if p, err := f.Look(t.Context(), s.URL+path); err == nil {
			t.Errorf("%s shows %+v", path, p)
		}
	}
	// A text about it is one to show.
	for _, path := range []string{"/blog/how-we-login", "/authors"} {
		if _, err := f.Look(t.Context(), s.URL+path); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestNothingInsideIsAsked(t *testing.T) {
	asked := false
	s, _ := site(t, func(w http.ResponseWriter, r *http.Request) {
		asked = true
		page("<title>secret</title>")(w, r)
	})
	_, port, _ := strings.Cut(strings.TrimPrefix(s.URL, "http://"), ":")
	f := &Fetcher{}
	for _, link := range []string{
		s.URL, "http://localhost:" + port, "http://[::1]:" + port, "http://0.0.0.0:" + port, "http://2130706433:" + port, "http://0x7f.1:" + port,
		"http://[::ffff:127.0.0.1]:" + port, "http://169.254.169.254/latest/meta-data/", "http://10.0.0.1/", "http://192.168.0.1/", "http://[fe80::1]/", "http://[fd00::1]/",
		"file:///etc/passwd", "gopher://127.0.0.1:" + port, "http://user:secret@127.0.0.1:" + port,
	} {
		if p, err := f.Look(t.Context(), link); err == nil || asked {
			t.Errorf("%s was asked: %+v", link, p)
		}
	}
}

// names answers for every name with the addresses in turn: what is public when it is looked at may be inside when it is
// asked.
func names(t *testing.T, addresses ...[4]byte) {
	t.Helper()
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	before := net.DefaultResolver
	t.Cleanup(func() {
		net.DefaultResolver = before
		_ = c.Close()
	})
	go func() {
		raw := make([]byte, 1500)
		for n := 0; ; {
			size, to, err := c.ReadFrom(raw)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if m.Unpack(raw[:size]) != nil || len(m.Questions) == 0 {
				continue
			}
			m.Response, m.Additionals = true, nil
			if q := m.Questions[0]; q.Type == dnsmessage.TypeA {
				m.Answers = []dnsmessage.Resource{{Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class}, Body: &dnsmessage.AResource{A: addresses[n%len(addresses)]}}}
				n++
			}
			if said, err := m.Pack(); err == nil {
				_, _ = c.WriteTo(said, to)
			}
		}
	}()
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{Resolver: before}).DialContext(ctx, "udp", c.LocalAddr().String())
	}}
}

func TestANameThatTurnsToTheInsideIsNotAsked(t *testing.T) {
	names(t, [4]byte{10, 0, 0, 1}, [4]byte{169, 254, 169, 254}, [4]byte{127, 0, 0, 1})
	f := &Fetcher{}
	for range 3 {
		if p, err := f.Look(t.Context(), "http://turning.example.com/"); !errors.Is(err, errInside) {
			t.Errorf("%+v, %v", p, err)
		}
	}
	// So it is for a picture, and for a name behind a redirect.
	if _, err := f.Picture(t.Context(), "http://turning.example.com/a.png"); !errors.Is(err, errInside) {
		t.Error(err)
	}
	s, f := site(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://turning.example.com/", http.StatusFound)
	})
	if p, err := f.Look(t.Context(), s.URL); !errors.Is(err, errInside) {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestWhatUnfoldsIsCutOffToo(t *testing.T) {
	s, f := site(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		if r.URL.Path == "/said" {
			fmt.Fprint(z, "<title>\u202efirst</title>")
		}
		for range 8 {
			_, _ = z.Write(make([]byte, pageBytes))
		}
		fmt.Fprint(z, "<title>late</title>")
		_ = z.Close()
	})
	f.Patience = time.Minute // it is about how much, and not about how long
	if p, err := f.Look(t.Context(), s.URL+"/"); !errors.Is(err, ErrNothing) {
		t.Errorf("%+v, %v", p, err)
	}
	// What it says in its beginning holds, but for signs that turn what stands around them.
	if p, err := f.Look(t.Context(), s.URL+"/said"); err != nil || p.Title != "first" {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestARedirectIsLookedAtLikeTheFirstAddress(t *testing.T) {
	secret := httptest.NewServer(page("<title>secret</title>"))
	defer secret.Close()
	s, f := site(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/round" {
			http.Redirect(w, r, "/round", http.StatusFound)
			return
		}
		http.Redirect(w, r, secret.URL, http.StatusFound)
	})
	if p, err := f.Look(t.Context(), s.URL+"/"); !errors.Is(err, errInside) {
		t.Errorf("%+v, %v", p, err)
	}
	if _, err := f.Look(t.Context(), s.URL+"/round"); err == nil || !strings.Contains(err.Error(), "too many redirects") {
		t.Errorf("round and round: %v", err)
	}
}

func TestWhatIsTooMuchOrTooSlowIsLeftAlone(t *testing.T) {
	release := make(chan struct{})
	s, f := site(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/endless":
			w.Header().Set("Content-Type", "text/html")
			for range 2 * pageBytes / 1024 {
				fmt.Fprint(w, strings.Repeat("x", 1024))
			}
			fmt.Fprint(w, "<title>late</title>")
		case "/picture":
			_, _ = w.Write(make([]byte, imageBytes+10))
		case "/film":
			w.Header().Set("Content-Type", "video/mp4")
		default:
			<-release
		}
	})
	defer close(release)
	for _, path := range []string{"/endless", "/film"} {
		if p, err := f.Look(t.Context(), s.URL+path); !errors.Is(err, ErrNothing) {
			t.Errorf("%s: %+v, %v", path, p, err)
		}
	}
	if _, err := f.Picture(t.Context(), s.URL+"/picture"); !errors.Is(err, ErrNothing) {
		t.Errorf("a huge picture: %v", err)
	}
	f.Patience = 50 * time.Millisecond
	if _, err := f.Look(t.Context(), s.URL+"/never"); err == nil {
		t.Error("waited for ever")
	}
}

func TestDomainsCanBeAllowedAndDenied(t *testing.T) {
	f := &Fetcher{Allow: []string{"example.com"}, Deny: []string{"bad.example.com"}}
	for host, want := range map[string]bool{"example.com": true, "www.example.com": true, "WWW.EXAMPLE.COM.": true, "bad.example.com": false, "x.bad.example.com": false, "notexample.com": false} {
		if err := f.permitted(&url.URL{Scheme: "https", Host: host}); (err == nil) != want {
			t.Errorf("%s: %v", host, err)
		}
	}
}

func TestPublicAddresses(t *testing.T) {
	for text, want := range map[string]bool{
		"8.8.8.8": true, "2606:4700::1111": true, "100.64.0.1": false, "198.18.0.1": false, "255.255.255.255": false, "224.0.0.1": false, "64:ff9b::7f00:1": false,
		"2002:7f00:1::": false, "::": false, "::ffff:10.0.0.1": false, "fe80::1%eth0": false,
	} {
		if got := public(netip.MustParseAddr(text)); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}

func TestTheFirstLinkOfAText(t *testing.T) {
	for text, want := range map[string]string{
		"보세요 https://example.com/a?b=c#d.":        "https://example.com/a?b=c#d",
		"https://example.com/12를 보세요":             "https://example.com/12",
		"(http://example.com/x)":                  "http://example.com/x",
		"no link here":                            "",
		"https://":                                "",
		"HTTPS://Example.com/A 그리고 http://b.com":  "HTTPS://Example.com/A",
		"ȺȺȺȺȺȺȺȺȺȺhttps://":                      "", // longer in lower case
		"ȺȺȺȺ https://example.com/ Ⱥ":             "https://example.com/",
		"İİİİ https://example.com/ İ":             "https://example.com/",
		"ftp://a.com, httpſ://b.com, http://c.kr": "http://c.kr",
		"https:// 다음은 http://c.kr":                "http://c.kr",
	} {
		if got := Link(text); got != want {
			t.Errorf("%q: %q", text, got)
		}
	}
}
