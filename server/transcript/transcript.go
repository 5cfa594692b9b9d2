// Package transcript writes the messages of a room as a file that a person keeps: plain text, or a page with its pictures.
// It knows words, days and looks; it does not know who may see what, where messages are kept, or HTTP.
// It holds one message and one picture at a time, however long the room is.
package transcript

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"sendjay/shared/locale"
	"sendjay/shared/protocol"
)

// Form is what kind of file is written.
type Form string

// The forms.
const (
	Text Form = "txt"
	Page Form = "html"
)

// Kind returns the media type of a form, "" for one that does not exist.
func (f Form) Kind() string {
	switch f {
	case Text:
		return "text/plain; charset=utf-8"
	case Page:
		return "text/html; charset=utf-8"
	}
	return ""
}

// Config says what is written.
type Config struct {
	Form  Form
	Title string
	// By is who saves, At when.
	By string
	At time.Time
	// Zone is where the reader's days begin.
	Zone *time.Location
	Book *locale.Book
	// Me is whose messages stand on the right side.
	Me protocol.UserID
	// Picture returns a small picture of a file and its media type; nothing when there is none.
	Picture func(protocol.FileID) (picture []byte, kind string, err error)
}

// Writer writes one transcript: Begin, then a Message for each, then End.
type Writer struct {
	Config
	out  *bufio.Writer
	day  string
	n    int
	last protocol.Message // the message before
}

// New returns a Writer to w. Nothing is written before Begin.
func New(w io.Writer, c Config) *Writer {
	return &Writer{Config: c, out: bufio.NewWriterSize(w, 32<<10)}
}

// mark makes older programs, which else take the text for one in the system's own letters, read it as it is.
const mark = "\uFEFF"

// Begin writes what stands above the messages.
func (w *Writer) Begin() error {
	about := w.Book.Say("transcript.about", "name", w.By, "at", w.moment(w.At))
	if w.Form == Page {
		return pages.ExecuteTemplate(w.out, "head", struct{ Lang, Title, About string }{w.Book.Lang(), w.Title, about})
	}
	_, err := fmt.Fprintf(w.out, "%s%s\n%s\n", mark, oneLine(w.Title), about)
	return err
}

// Message writes m, and its day when it is the first of it.
func (w *Writer) Message(m protocol.Message) error {
	w.n++
	at := m.At.Time().In(w.Zone)
	day := w.dayOf(at)
	fresh := day != w.day
	w.day = day
	var err error
	if w.Form == Page {
		err = w.page(m, at, fresh)
	} else {
		err = w.text(m, at, fresh)
	}
	w.last = m
	return err
}

// End writes what stands below the messages, and all that still waits.
func (w *Writer) End() error {
	count := w.Book.Say("transcript.count", "n", w.n)
	var err error
	if w.Form == Page {
		err = pages.ExecuteTemplate(w.out, "foot", count)
	} else {
		_, err = fmt.Fprintf(w.out, "\n%s\n", count)
	}
	if err != nil {
		return err
	}
	return w.out.Flush()
}

func (w *Writer) text(m protocol.Message, at time.Time, fresh bool) error {
	if fresh {
		if _, err := fmt.Fprintf(w.out, "\n---- %s ----\n", w.day); err != nil {
			return err
		}
	}
	clock := at.Format("15:04")
	if m.Type.System() {
		_, err := fmt.Fprintf(w.out, "[%s] %s\n", clock, w.line(m))
		return err
	}
	var parts []string
	if q := m.Quote; q != nil && !m.Cancelled {
		parts = append(parts, "> "+q.SenderName+": "+oneLine(w.quoted(q)))
	}
	if f := m.File; f != nil {
		parts = append(parts, "["+w.fileKind(f)+"] "+oneLine(f.Name)+" ("+w.factsOf(f)+")")
	}
	if body := w.body(m); body != "" {
		parts = append(parts, body)
	}
	// What goes on in a second line is set in, so that nobody can write a line that looks like another one's.
	said := strings.ReplaceAll(strings.Join(parts, "\n"), "\n", "\n    ")
	_, err := fmt.Fprintf(w.out, "[%s] %s: %s\n", clock, oneLine(m.SenderName), said)
	return err
}

// body is the text of a message, or what stands in its place.
func (w *Writer) body(m protocol.Message) string {
	if m.Cancelled {
		return w.Book.Say("transcript.cancelled")
	}
	body := strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n").Replace(m.Body)
	if m.Urgent {
		body = strings.TrimSpace(w.Book.Say("transcript.urgent") + " " + body)
	}
	if m.Edited != 0 {
		body += " " + w.Book.Say("transcript.edited")
	}
	return body
}

// line is what a line of the room itself says.
func (w *Writer) line(m protocol.Message) string {
	names := make([]string, 0, len(m.People))
	for _, p := range m.People {
		names = append(names, oneLine(p.Name))
	}
	switch {
	case m.Type == protocol.Invite:
		return w.Book.Say("transcript.invited", "by", oneLine(m.SenderName), "names", strings.Join(names, ", "))
	case len(m.People) > 0 && m.People[0].ID != m.Sender:
		return w.Book.Say("transcript.kicked", "by", oneLine(m.SenderName), "names", strings.Join(names, ", "))
	}
	return w.Book.Say("transcript.left", "name", oneLine(m.SenderName))
}

func (w *Writer) quoted(q *protocol.Quote) string {
	switch {
	case q.Cancelled:
		return w.Book.Say("transcript.cancelled")
	case q.Body != "":
		return q.Body
	case q.Type == protocol.Image:
		return w.Book.Say("transcript.image")
	}
	return w.Book.Say("transcript.file")
}

func (w *Writer) fileKind(f *protocol.FileInfo) string {
	group, _, _ := strings.Cut(f.Kind, "/")
	switch group {
	case "image", "video", "audio":
		return w.Book.Say("transcript." + group)
	}
	return w.Book.Say("transcript.file")
}

// factsOf says how large a file is, and whether it can still be had.
func (w *Writer) factsOf(f *protocol.FileInfo) string {
	size := sizeOf(f.Size)
	if f.Gone {
		size += ", " + w.Book.Say("transcript.gone")
	}
	return size
}

// dayOf names a day: "2026년 11월 26일 목요일", "Thursday, 26 November 2026".
func (w *Writer) dayOf(at time.Time) string {
	return w.Book.Say("transcript.day", "year", at.Year(), "month", w.word("transcript.months", int(at.Month())-1), "day", at.Day(),
		"weekday", w.word("transcript.weekdays", int(at.Weekday())))
}

func (w *Writer) moment(at time.Time) string {
	at = at.In(w.Zone)
	return w.dayOf(at) + " " + at.Format("15:04")
}

// word returns one of the words that a sentence holds.
func (w *Writer) word(key string, i int) string {
	words := strings.Fields(w.Book.Say(key))
	if i >= len(words) {
		return strconv.Itoa(i + 1)
	}
	return words[i]
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

func sizeOf(n int64) string {
	const step = 1024
	if n < step {
		return fmt.Sprintf("%d B", n)
	}
	value, unit := float64(n), 0
	for value >= step && unit < 4 {
		value /= step
		unit++
	}
	return fmt.Sprintf("%.1f %s", value, []string{"", "KB", "MB", "GB", "TB"}[unit])
}
