package transcript

import (
	_ "embed"
	"encoding/base64"
	"html/template"
	"time"

	"sendjay/shared/protocol"
)

// What people wrote is put into the page by html/template alone, and the page itself forbids every script, form and
// address: it is opened from a folder, where nothing else would stop one.
//
//go:embed page.html
var pageText string

var pages = template.Must(template.New("").Parse(pageText))

// row is one message as the page shows it.
type row struct {
	Day                string // "" unless it is the first of its day
	Clock, Name, Stamp string
	Line               string // of the room itself; then nothing below counts
	Mine, Follows      bool
	Quote, QuoteName   string
	Body               string
	Soft               bool // Body says what is not there
	File, Facts        string
	Picture            template.URL
	Reactions          []reaction
}

type reaction struct {
	Emoji string
	N     int
}

func (w *Writer) page(m protocol.Message, at time.Time, fresh bool) error {
	r := row{Clock: at.Format("15:04"), Stamp: at.Format(time.RFC3339), Name: m.SenderName, Mine: m.Sender == w.Me}
	if fresh {
		r.Day = w.day
	}
	r.Follows = !fresh && m.Sender == w.last.Sender && !w.last.Type.System() && m.At.Time().Sub(w.last.At.Time()) < time.Minute
	if m.Type.System() {
		r.Line = w.line(m)
		return pages.ExecuteTemplate(w.out, "row", r)
	}
	r.Body, r.Soft = w.body(m), m.Cancelled
	if q := m.Quote; q != nil && !m.Cancelled {
		r.Quote, r.QuoteName = w.quoted(q), q.SenderName
	}
	for _, one := range m.Reactions {
		r.Reactions = append(r.Reactions, reaction{string(one.Emoji), one.Count})
	}
	if f := m.File; f != nil {
		r.File, r.Facts = f.Name, w.fileKind(f)+" · "+w.factsOf(f)
		if f.Thumb && !f.Gone && w.Picture != nil {
			picture, kind, err := w.Picture(f.ID)
			if err != nil {
				return err
			}
			if kind == "image/jpeg" || kind == "image/png" {
				r.Picture = template.URL("data:" + kind + ";base64," + base64.StdEncoding.EncodeToString(picture))
			}
		}
	}
	return pages.ExecuteTemplate(w.out, "row", r)
}
