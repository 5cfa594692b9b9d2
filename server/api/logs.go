package api

import (
	"context"
	"encoding/csv"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"sendjay/server/store"
	"sendjay/shared/protocol"
)

func auditQuery(r *http.Request) (store.AuditQuery, error) {
	q := r.URL.Query()
	out := store.AuditQuery{
		Who: strings.TrimSpace(q.Get("who")), Act: q.Get("act"), Target: strings.TrimSpace(q.Get("target")), Oldest: q.Get("sort") == "at",
	}
	for _, field := range []string{"who", "act", "target"} {
		if err := plain(q.Get(field), field); err != nil {
			return out, err
		}
	}
	if !slices.Contains([]string{"", "at", "-at"}, q.Get("sort")) {
		return out, protocol.RefuseField(protocol.BadRequest, "sort")
	}
	if err := period(q, &out.Since, &out.Until); err != nil {
		return out, err
	}
	before, _, err := number(r, "before")
	out.Before = before
	return out, err
}

// period reads since and until: moments, or whole days of this server's time zone.
func period(q url.Values, since, until *time.Time) error {
	for name, to := range map[string]*time.Time{"since": since, "until": until} {
		s := q.Get(name)
		if s == "" {
			continue
		}
		at, err := time.Parse(time.RFC3339, s)
		if err != nil {
			if at, err = time.ParseInLocation(time.DateOnly, s, time.Local); err != nil {
				return protocol.RefuseField(protocol.BadRequest, name)
			}
			if name == "until" {
				at = at.AddDate(0, 0, 1) // the whole day
			}
		}
		*to = at
	}
	return nil
}

func (a *API) audit(_ http.ResponseWriter, r *http.Request) (any, error) {
	q, err := auditQuery(r)
	if err != nil {
		return nil, err
	}
	n, err := limit(r, protocol.Limits.PageDefault, protocol.Limits.PeoplePage)
	if err != nil {
		return nil, err
	}
	q.Limit = n + 1
	lines, err := a.Desk.Audit(r.Context(), q)
	if err != nil {
		return nil, err
	}
	page := protocol.AuditPage{Lines: lines[:min(n, len(lines))], More: len(lines) > n}
	page.People, err = a.namedIn(r.Context(), page.Lines)
	return page, err
}

// namedIn returns the people whom lines name, each once.
func (a *API) namedIn(ctx context.Context, lines []protocol.AuditLine) ([]protocol.Named, error) {
	var ids []protocol.UserID
	for _, l := range lines {
		ids = append(ids, protocol.UserID(l.Who), protocol.UserID(l.Target))
	}
	slices.Sort(ids)
	people, err := a.People.These(ctx, slices.Compact(ids))
	named := make([]protocol.Named, 0, len(people))
	for _, u := range people {
		named = append(named, protocol.Named{ID: u.ID, Name: u.Name})
	}
	return named, err
}

// csvLines bounds one export.
const csvLines = 100_000

// sent stands for an answer that was written already.
type sent struct{}

func (a *API) auditCSV(w http.ResponseWriter, r *http.Request) (any, error) {
	q, err := auditQuery(r)
	if err != nil {
		return nil, err
	}
	q.Limit = csvLines
	lines, err := a.Desk.Audit(r.Context(), q)
	if err != nil {
		return nil, err
	}
	out := table(w, "audit.csv")
	_ = out.Write([]string{"n", "at", "who", "address", "act", "target", "about", "hash"})
	for _, l := range lines {
		_ = out.Write([]string{strconv.FormatInt(l.N, 10), l.At.String(), cell(l.Who), cell(l.Address), l.Act, cell(l.Target), cell(l.About), l.Hash})
	}
	out.Flush()
	return sent{}, nil
}

// cell keeps a text from being read as a formula.
func cell(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

// table begins a CSV table that spreadsheets read as it is meant. Its cells go through cell.
func table(w http.ResponseWriter, name string) *csv.Writer {
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write([]byte("\ufeff")) // so that Excel reads Korean
	return csv.NewWriter(w)
}

func comingsQuery(r *http.Request) (store.ComingsQuery, error) {
	q := r.URL.Query()
	out := store.ComingsQuery{Q: strings.TrimSpace(q.Get("q")), Kind: protocol.ComingKind(q.Get("kind")), Device: protocol.Device(q.Get("device")), Oldest: q.Get("sort") == "at"}
	kinds := []protocol.ComingKind{"", protocol.CameIn, protocol.WentOut, protocol.WasEnded, protocol.WasRefused, protocol.WasOn}
	switch {
	case !slices.Contains(kinds, out.Kind):
		return out, protocol.RefuseField(protocol.BadRequest, "kind")
	case out.Device != "" && !out.Device.Known():
		return out, protocol.RefuseField(protocol.BadRequest, "device")
	case !slices.Contains([]string{"", "at", "-at"}, q.Get("sort")):
		return out, protocol.RefuseField(protocol.BadRequest, "sort")
	}
	if err := plain(out.Q, "q"); err != nil {
		return out, err
	}
	if err := period(q, &out.Since, &out.Until); err != nil {
		return out, err
	}
	after, _, err := number(r, "cursor")
	out.After = after
	return out, err
}

func (a *API) comings(_ http.ResponseWriter, r *http.Request) (any, error) {
	q, err := comingsQuery(r)
	if err != nil {
		return nil, err
	}
	n, err := limit(r, protocol.Limits.PageDefault, protocol.Limits.PeoplePage)
	if err != nil {
		return nil, err
	}
	q.Limit = n + 1
	lines, err := a.Desk.Comings(r.Context(), q)
	if err != nil {
		return nil, err
	}
	more := len(lines) > n
	return protocol.ComingsPage{Lines: lines[:min(n, len(lines))], More: more}, nil
}

func (a *API) comingsCSV(w http.ResponseWriter, r *http.Request) (any, error) {
	q, err := comingsQuery(r)
	if err != nil {
		return nil, err
	}
	q.Limit = csvLines
	lines, err := a.Desk.Comings(r.Context(), q)
	if err != nil {
		return nil, err
	}
	out := table(w, "connections.csv")
	_ = out.Write([]string{"at", "kind", "user", "name", "device", "address", "agent", "why", "seconds"})
	for _, l := range lines {
		_ = out.Write([]string{l.At.String(), string(l.Kind), cell(string(l.User)), cell(l.Name), cell(string(l.Device)), cell(l.Address), cell(l.Agent), cell(l.Why), strconv.Itoa(l.Seconds)})
	}
	out.Flush()
	return sent{}, nil
}
