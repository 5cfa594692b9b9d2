// Package feed reads what a company's own systems deliver, tables, workbooks, forms and directories, as data sets of units and people.
// It does not know who delivers, nor what applying a data set changes.
// Whatever is read is checked by Check before it is kept.
package feed

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/encoding/korean"

	"sendjay/shared/protocol"
)

// The kinds that Of tells apart; everything else is JSON.
const (
	CSV  = "text/csv"
	XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
)

// zipped is how a workbook begins, whatever it is called.
var zipped = []byte("PK\x03\x04")

// Of reads a data set by its kind.
func Of(kind string, raw []byte) (protocol.Feed, error) {
	var f protocol.Feed
	switch {
	case bytes.HasPrefix(raw, zipped) || kind == XLSX:
		return ofWorkbook(raw)
	case kind == CSV:
		return ofCSV(raw)
	case json.Unmarshal(raw, &f) != nil:
		return f, protocol.Refuse(protocol.BadRequest)
	}
	return f, nil
}

// keyBytes is the width of the original's column.
const keyBytes = 14

// Key names a data set after the time.
func Key(at time.Time) string { return at.Format("20060102150405") }

// Check keeps the widths of the columns, and that no id stands twice.
func Check(f protocol.Feed) error {
	fits := func(s string, most int) bool {
		return utf8.ValidString(s) && utf8.RuneCountInString(s) <= most && !strings.ContainsRune(s, 0)
	}
	if len(f.Key) > keyBytes || !fits(f.Key, keyBytes) || len(f.Orgs)+len(f.Users) == 0 {
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
		if !u.ID.Valid() || u.Name == "" || !fits(u.Name, 50) || !fits(u.Org, 20) || !fits(u.OrgName, 50) || !fits(u.Job, 50) || !fits(u.Phone, 20) || !fits(u.Mail, 100) || !fits(u.Posts, 500) || protocol.CheckPosts(protocol.PostsOf(u.Posts)) != nil ||
			!fits(u.AbsenceCode, 7) || !fits(u.Absence, 50) || ids[u.ID] {
			return protocol.RefuseField(protocol.BadRequest, "users["+strconv.Itoa(i)+"]")
		}
		ids[u.ID] = true
	}
	return nil
}

// names are the names of columns, as people write them.
var names = map[string]string{
	"code": "code", "부서코드": "code", "org_cd": "code", "seq": "seq", "순서": "seq", "level": "level", "lvl": "level", "단계": "level",
	"id": "id", "아이디": "id", "사번": "id", "user_id": "id", "name": "name", "이름": "name", "성명": "name", "부서명": "name", "org_nm": "name", "user_nm": "name",
	"org": "org", "소속": "org", "소속코드": "org", "job": "job", "직책": "job", "직위": "job", "phone": "phone", "전화": "phone", "tel_no": "phone", "mail": "mail", "email": "mail", "메일": "mail", "이메일": "mail",
	"posts": "posts", "겸직": "posts",
	"absence": "absence", "부재": "absence", "ab_nm": "absence", "absencecode": "absenceCode", "ab_cd": "absenceCode",
}

// ofCSV reads a table. What is not UTF-8 is what Korean Excel writes; what is neither is refused, before names are made
// of it that nobody can read.
func ofCSV(raw []byte) (protocol.Feed, error) {
	var f protocol.Feed
	bad := protocol.RefuseField(protocol.BadRequest, "csv")
	if !utf8.Valid(raw) {
		plain, err := korean.EUCKR.NewDecoder().Bytes(raw)
		if err != nil || bytes.ContainsRune(plain, utf8.RuneError) {
			return f, bad
		}
		raw = plain
	}
	r := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(raw), "\ufeff")))
	r.FieldsPerRecord = -1
	rows, err := r.ReadAll()
	if err != nil || len(rows) < 2 {
		return f, bad
	}
	t := tableOf(&f, rows[0])
	for _, row := range rows[1:] {
		if strings.TrimSpace(strings.Join(row, "")) == "" {
			continue // a sheet leaves such lines at its end
		}
		if err := t.add(row); err != nil {
			return f, err
		}
	}
	return f, nil
}

// table adds rows to a data set: people where there is a column id, else units.
type table struct {
	to    *protocol.Feed
	place map[string]int
}

func tableOf(to *protocol.Feed, head []string) table {
	t := table{to, map[string]int{}}
	for i, name := range head {
		if known := names[strings.ToLower(strings.TrimSpace(name))]; known != "" {
			t.place[known] = i
		}
	}
	return t
}

// has reports whether there is a column of this name.
func (t table) has(name string) bool {
	_, ok := t.place[name]
	return ok
}

func (t table) add(row []string) error {
	cell := func(name string) string {
		i, ok := t.place[name]
		if !ok || i >= len(row) {
			return ""
		}
		return strings.TrimSpace(row[i])
	}
	if t.has("id") {
		t.to.Users = append(t.to.Users, protocol.FeedUser{
			ID: protocol.UserID(cell("id")), Name: cell("name"), Org: cell("org"), Job: cell("job"), Phone: cell("phone"), Mail: cell("mail"), Posts: cell("posts"), AbsenceCode: cell("absenceCode"), Absence: cell("absence"),
		})
		return nil
	}
	level, err := strconv.Atoi(cell("level"))
	if err != nil {
		return protocol.RefuseField(protocol.BadRequest, "level")
	}
	t.to.Orgs = append(t.to.Orgs, protocol.FeedOrg{Code: cell("code"), Name: cell("name"), Seq: cell("seq"), Level: level})
	return nil
}
