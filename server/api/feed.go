package api

import (
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// FeedStore is what feeds need of the database.
type FeedStore interface {
	PutFeedOrgs(ctx context.Context, by store.Act, key string, rows []protocol.FeedOrg) error
	PutFeedUsers(ctx context.Context, by store.Act, key string, rows []protocol.FeedUser) error
	FeedSets(ctx context.Context) (protocol.FeedSets, error)
	PlanFeed(ctx context.Context, orgKey, userKey string) (protocol.FeedPlan, error)
	ApplyFeed(ctx context.Context, by store.Act, orgKey, userKey string, force bool) (protocol.FeedPlan, []protocol.UserID, error)
	UndoFeed(ctx context.Context, by store.Act) ([]protocol.UserID, error)
	FeedKeyOf(ctx context.Context, hash string) (store.FeedKey, error)
}

// feedBytes bounds a data set: 100,000 people fit.
const feedBytes = 32 << 20

// feedIn answers what the company's own system delivers under a key of its own.
func (a *API) feedIn(w http.ResponseWriter, r *http.Request) {
	a.large(w, r, func() (any, error) {
		token, _ := bearer(r)
		sum := sha256.Sum256([]byte(token))
		key, err := a.Desk.FeedKeyOf(r.Context(), hex.EncodeToString(sum[:]))
		from := a.Address(r)
		if errors.Is(err, store.ErrNoSet) || err == nil && !within(from, key.Nets) {
			a.Log.Warn("feed refused", "address", from)
			return nil, protocol.Refuse(protocol.Unauthenticated)
		}
		if err != nil {
			return nil, err
		}
		return a.takeFeed(r, store.Act{Who: "feed:" + key.Name, Address: from, Act: "feed.put"})
	})
}

// feedUpload answers an administrator who delivers a data set by hand.
func (a *API) feedUpload(w http.ResponseWriter, r *http.Request) {
	a.large(w, r, func() (any, error) {
		return a.signed(only(protocol.Administrator, func(_ http.ResponseWriter, r *http.Request) (any, error) {
			return a.takeFeed(r, store.Act{Who: string(whoOf(r).User.ID), Address: a.Address(r), Act: "feed.put"})
		}))(w, r)
	})
}

func (a *API) large(w http.ResponseWriter, r *http.Request, h func() (any, error)) {
	if r.Method != http.MethodPost {
		a.wrongMethod(w, r, []string{http.MethodPost})
		return
	}
	err := a.ours(r)
	var out any
	if err == nil {
		r.Body = http.MaxBytesReader(w, r.Body, feedBytes)
		out, err = h()
	}
	if err != nil {
		a.refuse(w, r, err)
		return
	}
	write(w, http.StatusOK, out)
}

// within reports whether an address is in one of the networks; no networks are all.
func within(address, nets string) bool {
	if nets == "" {
		return true
	}
	at, err := netip.ParseAddr(address)
	for n := range strings.SplitSeq(nets, ",") {
		if p, bad := netip.ParsePrefix(n); err == nil && bad == nil && p.Contains(at.Unmap()) {
			return true
		}
	}
	return false
}

func (a *API) takeFeed(r *http.Request, by store.Act) (any, error) {
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	var f protocol.Feed
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind == "text/csv" {
		f, err = FeedOfCSV(raw)
	} else if json.Unmarshal(raw, &f) != nil {
		err = protocol.Refuse(protocol.BadRequest)
	}
	if err != nil {
		return nil, err
	}
	if f.Key == "" {
		f.Key = time.Now().Format("20060102150405")
	}
	if bad := CheckFeed(f); bad != nil {
		return nil, bad
	}
	by.Target, by.About = f.Key, map[string]int{"orgs": len(f.Orgs), "users": len(f.Users)}
	if len(f.Orgs) > 0 {
		err = a.Desk.PutFeedOrgs(r.Context(), by, f.Key, f.Orgs)
	}
	if err == nil && len(f.Users) > 0 {
		err = a.Desk.PutFeedUsers(r.Context(), by, f.Key, f.Users)
	}
	return protocol.FeedTaken{Key: f.Key, Orgs: len(f.Orgs), Users: len(f.Users)}, err
}

// feedKeyBytes is the width of the original's column.
const feedKeyBytes = 14

// CheckFeed keeps the widths of the columns, and that no id stands twice.
func CheckFeed(f protocol.Feed) error {
	fits := func(s string, most int) bool {
		return utf8.ValidString(s) && utf8.RuneCountInString(s) <= most && !strings.ContainsRune(s, 0)
	}
	if len(f.Key) > feedKeyBytes || !fits(f.Key, feedKeyBytes) || len(f.Orgs)+len(f.Users) == 0 {
		return protocol.RefuseField(protocol.BadRequest, "key")
	}
	codes, ids := map[string]bool{}, map[protocol.UserID]bool{}
	for i, o := range f.Orgs {
		if o.Code == "" || o.Name == "" || !fits(o.Code, 20) || !fits(o.Name, 50) || !fits(o.Seq, 8) || o.Level < 0 || codes[o.Code] {
			return protocol.RefuseField(protocol.BadRequest, "orgs["+strconv.Itoa(i)+"]")
		}
		codes[o.Code] = true
	}
	for i, u := range f.Users {
		if !u.ID.Valid() || u.Name == "" || !fits(u.Name, 50) || !fits(u.Org, 20) || !fits(u.OrgName, 50) || !fits(u.Job, 50) || !fits(u.Phone, 20) ||
			!fits(u.AbsenceCode, 7) || !fits(u.Absence, 50) || ids[u.ID] {
			return protocol.RefuseField(protocol.BadRequest, "users["+strconv.Itoa(i)+"]")
		}
		ids[u.ID] = true
	}
	return nil
}

// csvNames are the names of columns, as people write them.
var csvNames = map[string]string{
	"code": "code", "부서코드": "code", "org_cd": "code", "seq": "seq", "순서": "seq", "level": "level", "lvl": "level", "단계": "level",
	"id": "id", "아이디": "id", "사번": "id", "user_id": "id", "name": "name", "이름": "name", "성명": "name", "부서명": "name", "org_nm": "name", "user_nm": "name",
	"org": "org", "소속": "org", "소속코드": "org", "job": "job", "직책": "job", "직위": "job", "phone": "phone", "전화": "phone", "tel_no": "phone",
	"absence": "absence", "부재": "absence", "ab_nm": "absence", "absencecode": "absenceCode", "ab_cd": "absenceCode",
}

// FeedOfCSV reads a table with a first line of names: people when there is a column id, else units.
func FeedOfCSV(raw []byte) (protocol.Feed, error) {
	var f protocol.Feed
	r := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(raw), "\ufeff")))
	r.FieldsPerRecord = -1
	rows, err := r.ReadAll()
	if err != nil || len(rows) < 2 {
		return f, protocol.RefuseField(protocol.BadRequest, "csv")
	}
	place := map[string]int{}
	for i, name := range rows[0] {
		if known := csvNames[strings.ToLower(strings.TrimSpace(name))]; known != "" {
			place[known] = i
		}
	}
	_, people := place["id"]
	for _, row := range rows[1:] {
		cell := func(name string) string {
			i, ok := place[name]
			if !ok || i >= len(row) {
				return ""
			}
			return strings.TrimSpace(row[i])
		}
		if people {
			f.Users = append(f.Users, protocol.FeedUser{
				ID: protocol.UserID(cell("id")), Name: cell("name"), Org: cell("org"), Job: cell("job"), Phone: cell("phone"), AbsenceCode: cell("absenceCode"), Absence: cell("absence"),
			})
			continue
		}
		level, err := strconv.Atoi(cell("level"))
		if err != nil {
			return f, protocol.RefuseField(protocol.BadRequest, "level")
		}
		f.Orgs = append(f.Orgs, protocol.FeedOrg{Code: cell("code"), Name: cell("name"), Seq: cell("seq"), Level: level})
	}
	return f, nil
}

func (a *API) feedSets(_ http.ResponseWriter, r *http.Request) (any, error) {
	return a.Desk.FeedSets(r.Context())
}

// refuseFeed turns what the store says about feeds into an answer.
func refuseFeed(err error) error {
	switch {
	case errors.Is(err, store.ErrNoSet), errors.Is(err, store.ErrUndone):
		return protocol.Refuse(protocol.NotFound)
	case errors.Is(err, store.ErrGuard):
		return protocol.RefuseField(protocol.TooLarge, "leave")
	}
	return err
}

func (a *API) feedPlan(_ http.ResponseWriter, r *http.Request) (any, error) {
	var in protocol.FeedPick
	if err := body(r, &in); err != nil {
		return nil, err
	}
	plan, err := a.Desk.PlanFeed(r.Context(), in.Orgs, in.Users)
	return plan, refuseFeed(err)
}

func (a *API) feedApply(_ http.ResponseWriter, r *http.Request) (any, error) {
	var in protocol.FeedPick
	if err := body(r, &in); err != nil {
		return nil, err
	}
	by := store.Act{Who: string(whoOf(r).User.ID), Address: a.Address(r), Act: "feed.apply", Target: in.Orgs + " " + in.Users}
	plan, left, err := a.Desk.ApplyFeed(r.Context(), by, in.Orgs, in.Users, in.Force)
	if err != nil {
		return nil, refuseFeed(err)
	}
	a.Auth.Left(left)
	return plan, nil
}

func (a *API) feedUndo(_ http.ResponseWriter, r *http.Request) (any, error) {
	left, err := a.Desk.UndoFeed(r.Context(), store.Act{Who: string(whoOf(r).User.ID), Address: a.Address(r), Act: "feed.undo"})
	if err != nil {
		return nil, refuseFeed(err)
	}
	a.Auth.Left(left)
	return struct{}{}, nil
}
