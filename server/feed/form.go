package feed

import (
	"encoding/json"
	"net/url"
	"regexp"
	"strconv"

	"sendjay/shared/protocol"
)

// Posted is what a script of the original's kind posts: its token, and the rows of one interface table.
type Posted struct {
	Token string `json:"token"`
	Feed  protocol.Feed
}

// legacyRow is a row as the original names its columns. Numbers come as numbers or as text.
type legacyRow map[string]any

func (r legacyRow) text(name string) string {
	switch v := r[name].(type) {
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return ""
}

// rowName is dept[12][ORG_CD], as forms write rows.
var rowName = regexp.MustCompile(`^(dept|user)\[(\d{1,6})\]\[([A-Z_]{1,20})\]$`)

// OfForm reads a form: token, and dept[0][ORG_CD]=… or user[0][USER_ID]=….
func OfForm(raw []byte) (Posted, error) {
	values, err := url.ParseQuery(string(raw))
	if err != nil {
		return Posted{}, protocol.Refuse(protocol.BadRequest)
	}
	rows := map[string]map[int]legacyRow{"dept": {}, "user": {}}
	most := map[string]int{"dept": -1, "user": -1}
	for name, v := range values {
		part := rowName.FindStringSubmatch(name)
		if part == nil {
			continue
		}
		i, err := strconv.Atoi(part[2])
		if err != nil || i >= mostRows {
			return Posted{}, protocol.RefuseField(protocol.TooLarge, part[1])
		}
		if rows[part[1]][i] == nil {
			rows[part[1]][i] = legacyRow{}
		}
		rows[part[1]][i][part[3]] = v[0]
		most[part[1]] = max(most[part[1]], i)
	}
	inOrder := func(name string) []legacyRow {
		var out []legacyRow
		for i := range most[name] + 1 {
			if r := rows[name][i]; r != nil {
				out = append(out, r)
			}
		}
		return out
	}
	return posted(values.Get("token"), inOrder("dept"), inOrder("user"))
}

// OfPosted reads the same as JSON: {"token":…,"dept":[…]} or {"token":…,"user":[…]}.
func OfPosted(raw []byte) (Posted, error) {
	var in struct {
		Token string      `json:"token"`
		Dept  []legacyRow `json:"dept"`
		User  []legacyRow `json:"user"`
	}
	if json.Unmarshal(raw, &in) != nil {
		return Posted{}, protocol.Refuse(protocol.BadRequest)
	}
	return posted(in.Token, in.Dept, in.User)
}

func posted(token string, dept, user []legacyRow) (Posted, error) {
	out := Posted{Token: token}
	key := func(r legacyRow) {
		if out.Feed.Key == "" {
			out.Feed.Key = r.text("DTKEY")
		}
	}
	for i, r := range dept {
		key(r)
		level, err := strconv.Atoi(r.text("LVL"))
		if err != nil {
			return out, protocol.RefuseField(protocol.BadRequest, "dept["+strconv.Itoa(i)+"]")
		}
		out.Feed.Orgs = append(out.Feed.Orgs, protocol.FeedOrg{Code: r.text("ORG_CD"), Name: r.text("ORG_NM"), Seq: r.text("SEQ"), Level: level})
	}
	for _, r := range user {
		key(r)
		out.Feed.Users = append(out.Feed.Users, protocol.FeedUser{
			ID: protocol.UserID(r.text("USER_ID")), Name: r.text("USER_NM"), Org: r.text("ORG_CD"), OrgName: r.text("ORG_NM"), Job: r.text("JOB"),
			Phone: r.text("TEL_NO"), Mail: r.text("MAIL"), AbsenceCode: r.text("AB_CD"), Absence: r.text("AB_NM"),
		})
	}
	return out, nil
}
