package preview

import (
	"cmp"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/charset"
)

// The longest texts of a card, in code points.
const (
	titleRunes = 150
	aboutRunes = 300
	siteRunes  = 60
)

// read finds in a page what it says of itself. A page that asks for a password says nothing.
func read(r io.Reader, kind string) (Page, error) {
	r, err := charset.NewReader(r, kind)
	if err != nil {
		return Page{}, err
	}
	said := map[string]string{}
	say := func(key, text string) {
		if said[key] == "" {
			said[key] = strings.Join(strings.Fields(text), " ")
		}
	}
	t := html.NewTokenizer(r)
	t.SetMaxBuf(pageBytes)
	inTitle := false
	for {
		switch t.Next() {
		case html.ErrorToken:
			return Page{
				Title: cut(cmp.Or(said["og:title"], said["twitter:title"], said["title"]), titleRunes),
				About: cut(cmp.Or(said["og:description"], said["twitter:description"], said["description"]), aboutRunes),
				Site:  cut(said["og:site_name"], siteRunes),
				Image: cmp.Or(said["og:image:secure_url"], said["og:image"], said["og:image:url"], said["twitter:image"], said["twitter:image:src"]),
			}, nil
		case html.TextToken:
			if inTitle {
				say("title", string(t.Text()))
			}
		case html.EndTagToken:
			inTitle = false
		case html.StartTagToken, html.SelfClosingTagToken:
			tag := t.Token()
			inTitle = tag.Data == "title"
			switch tag.Data {
			case "meta":
				say(cmp.Or(of(tag, "property"), of(tag, "name")), of(tag, "content"))
			case "input":
				if strings.EqualFold(of(tag, "type"), "password") {
					return Page{}, errSignIn
				}
			}
		}
	}
}

func of(t html.Token, name string) string {
	for _, a := range t.Attr {
		if a.Key == name {
			if name == "property" || name == "name" {
				return strings.ToLower(a.Val)
			}
			return a.Val
		}
	}
	return ""
}

func cut(s string, most int) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == utf8.RuneError {
			return -1 // a page must not turn the words around it, either
		}
		return r
	}, s)
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return strings.TrimSpace(string([]rune(s)[:most-1])) + "…"
}
