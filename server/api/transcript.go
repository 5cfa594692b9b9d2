package api

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // a server may have none of its own, and days are those of the reader

	"sendjay/server/auth"
	"sendjay/server/files"
	"sendjay/server/store"
	"sendjay/server/transcript"
	"sendjay/shared/locale"
	"sendjay/shared/protocol"
)

const (
	// transcriptsAtOnce bounds how many are written at a time: each reads a whole room.
	transcriptsAtOnce = 4
	// spansMost and chosenMost bound what can be chosen; who wants more saves the room.
	spansMost, chosenMost = 500, 5000
	// pictureMost bounds a picture in a page. Ours are far smaller.
	pictureMost = 4 << 20
)

// span is a stretch of seqs, both ends included.
type span struct{ first, last protocol.Seq }

// transcript writes what a person sees of a room to a file. Rights are looked at with every page of messages: who is
// made to leave meanwhile gets a file that breaks off, and hears of it.
func (a *API) transcript(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet {
		a.wrongMethod(w, r, []string{http.MethodGet})
		return
	}
	began, err := a.writeTranscript(w, r)
	switch {
	case err == nil:
	case began:
		if r.Context().Err() == nil {
			a.Log.Warn("a transcript breaks off", "err", err)
		}
		panic(http.ErrAbortHandler) // half a file must not look like a whole one
	default:
		a.refuse(w, r, err)
	}
}

func (a *API) writeTranscript(w http.ResponseWriter, r *http.Request) (began bool, err error) {
	who, _, err := a.Who(r)
	if err == nil {
		err = Settled(who)
	}
	if err != nil {
		return false, err
	}
	if !a.Unlimited && !a.budgets.spend(who.SignIn) {
		return false, &protocol.Refusal{Code: protocol.RateLimited, RetryAfter: 1}
	}
	id, err := roomOf(r)
	if err != nil {
		return false, err
	}
	c, spans, err := transcriptAsked(r)
	if err != nil {
		return false, err
	}
	room, err := a.Chat.Room(r.Context(), who.User.ID, id)
	if err != nil {
		return false, err
	}
	if !a.Transcripts {
		return false, protocol.RefuseField(protocol.Forbidden, "transcripts")
	}
	select {
	case a.writing <- struct{}{}:
		defer func() { <-a.writing }()
	default:
		return false, &protocol.Refusal{Code: protocol.RateLimited, RetryAfter: 5}
	}
	about := struct {
		As   transcript.Form `json:"as"`
		Seqs string          `json:"seqs,omitempty"`
	}{c.Form, r.URL.Query().Get("seqs")}
	if err := a.Desk.Note(r.Context(), store.Act{Who: string(who.User.ID), Address: a.Address(r), Act: "room.save", Target: string(id), About: about}); err != nil {
		return false, err
	}
	c.Title, c.By, c.Me, c.At = room.Title, who.User.Name, who.User.ID, time.Now()
	c.Picture = a.pictures(r.Context(), who, spans)
	h := w.Header()
	h.Set("Content-Type", c.Form.Kind())
	h.Set("Content-Disposition", disposition("attachment", files.Clean(strings.NewReplacer("/", "-", `\`, "-").Replace(room.Title)+" "+c.At.In(c.Zone).Format("2006-01-02 15.04")+"."+string(c.Form))))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'")
	h.Set("Cache-Control", "no-store")
	out := transcript.New(&patientWriter{ResponseWriter: w, c: http.NewResponseController(w)}, c)
	if err := out.Begin(); err != nil {
		return true, err
	}
	for _, s := range spans {
		if err := a.span(r.Context(), out, who.User.ID, id, s); err != nil {
			return true, err
		}
	}
	return true, out.End()
}

// transcriptAsked reads what is asked for.
func transcriptAsked(r *http.Request) (transcript.Config, []span, error) {
	q := r.URL.Query()
	c := transcript.Config{Form: transcript.Form(q.Get("as")), Book: locale.Of(q.Get("lang"))}
	if !q.Has("lang") {
		c.Book = locale.Of(Lang(r))
	}
	if c.Form.Kind() == "" {
		return c, nil, protocol.RefuseField(protocol.BadRequest, "as")
	}
	var err error
	if c.Zone, err = time.LoadLocation(q.Get("zone")); err != nil || q.Get("zone") == "Local" {
		return c, nil, protocol.RefuseField(protocol.BadRequest, "zone")
	}
	spans, err := spansOf(q.Get("seqs"))
	return c, spans, err
}

// spansOf reads "3-7,9", which ascends. Nothing is the whole room.
func spansOf(s string) ([]span, error) {
	if s == "" {
		return []span{{1, 1<<53 - 1}}, nil
	}
	bad := protocol.RefuseField(protocol.BadRequest, "seqs")
	var out []span
	var n protocol.Seq
	for part := range strings.SplitSeq(s, ",") {
		first, last, through := strings.Cut(part, "-")
		if !through {
			last = first
		}
		a, err := strconv.ParseInt(first, 10, 64)
		b, err2 := strconv.ParseInt(last, 10, 64)
		x := span{protocol.Seq(a), protocol.Seq(b)}
		if errors.Join(err, err2) != nil || a < 1 || b < a || b > 1<<53 || len(out) > 0 && x.first <= out[len(out)-1].last {
			return nil, bad
		}
		out = append(out, x)
		if n += x.last - x.first + 1; n > chosenMost || len(out) > spansMost {
			return nil, protocol.RefuseField(protocol.TooLarge, "seqs")
		}
	}
	return out, nil
}

// span writes the messages of one stretch, a page at a time.
func (a *API) span(ctx context.Context, out *transcript.Writer, user protocol.UserID, room protocol.RoomID, s span) error {
	after := s.first - 1
	for {
		page, err := a.Chat.Messages(ctx, user, room, nil, &after, int(min(int64(protocol.Limits.PageMax), int64(s.last-after))))
		if err != nil {
			return err
		}
		for _, m := range page.Messages {
			if m.Seq > s.last {
				return nil
			}
			if err := out.Message(m); err != nil {
				return err
			}
			after = m.Seq
		}
		if !page.More || after >= s.last {
			return nil
		}
	}
}

// pictures returns what looks a picture up as this person: large ones for a choice, and for a whole room those that
// leave the page light enough to open.
func (a *API) pictures(ctx context.Context, who auth.Who, spans []span) func(protocol.FileID) ([]byte, string, error) {
	size := files.Thumb
	if spans[len(spans)-1].last-spans[0].first <= chosenMost {
		size = files.Screen
	}
	return func(id protocol.FileID) ([]byte, string, error) {
		_, b, err := a.Files.Open(ctx, who.User.ID, id, size)
		if protocol.CodeOf(err) == protocol.NotFound {
			return nil, "", nil // expired meanwhile
		}
		if err != nil {
			return nil, "", err
		}
		defer b.Close()
		raw, err := io.ReadAll(io.LimitReader(b, pictureMost))
		return raw, http.DetectContentType(raw), err
	}
}
