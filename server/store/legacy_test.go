package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	_ "modernc.org/sqlite" // the test writes what the original would have left behind

	"sendjay/server/store"
	"sendjay/server/store/storetest"
	"sendjay/shared/protocol"
)

// original is a database of the original product on the given kind of server, not yet ours.
func original(t *testing.T, kind string, lower bool) store.Config {
	t.Helper()
	c := store.Config{Dir: t.TempDir(), LegacyPassword: func(stored string) string {
		if stored == "0011:aabb" {
			return "$argon2id$made of the old one"
		}
		return ""
	}}
	driver, dsn := "sqlite", filepath.Join(c.Dir, "sendjay.db")
	if kind == "mariadb" {
		c.DSN = storetest.MariaDB(t)
		u, err := url.Parse(c.DSN)
		if err != nil {
			t.Fatal(err)
		}
		driver, dsn = "mysql", u.User.String()+"@tcp("+u.Host+")"+u.Path
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	ddl, err := os.ReadFile("original.sql")
	if err != nil {
		t.Fatal(err)
	}
	script := string(ddl)
	if kind == "mariadb" {
		// As far as a key reaches in utf8mb4; later versions of the original had it so.
		script = strings.ReplaceAll(script, "MEMBERS VARCHAR(1000)", "MEMBERS VARCHAR(760)")
	}
	script += legacyRows
	if lower {
		script = lowerTables(script)
		if kind == "mariadb" { // and as a server of its time made tables
			script = "--\nALTER DATABASE CHARACTER SET utf8mb3;\n" + script
		}
	}
	if !lower {
		script += "ALTER TABLE Z_USER_TBL ADD COLUMN AUTOKEY_APP VARCHAR(6) NOT NULL DEFAULT '';\nALTER TABLE Z_ACTLOG_TBL ADD COLUMN KIND VARCHAR(10) NOT NULL DEFAULT '';\n"
	}
	for _, s := range endOfStatement.Split(script[strings.Index(script, "\n"):], -1) {
		if strings.TrimSpace(s) == "" {
			continue
		}
		if _, err := db.ExecContext(t.Context(), s); err != nil {
			t.Fatalf("%v in %s", err, s)
		}
	}
	return c
}

var endOfStatement = regexp.MustCompile(`;\s*\n`)

// lowerTables writes table names as the original's code did.
func lowerTables(script string) string {
	for _, name := range []string{"Z_INTORG", "Z_INTUSER", "Z_ORG", "Z_USER", "A_ROOMMST", "A_ROOMDTL", "A_ROOMMEM", "A_MSGMST", "A_MSGDTL", "A_FILELOG", "Z_ACTLOG"} {
		script = strings.ReplaceAll(script, name+"_TBL", strings.ToLower(name)+"_tbl")
	}
	return script
}

// r1: kim, lee, park, and choi who was invited with m5. r2: the pair kim and lee, which lee has left.
// r3: kim, lee, and park who has left. m2 and m2b have the same time.
const legacyRows = `
INSERT INTO Z_USER_TBL (USER_ID, USER_NM, PWD) VALUES ('kim','김','0011:aabb'),('lee','이','2233:ccdd'),('park','박',''),('choi','최','4455:eeff');
INSERT INTO A_ROOMMST_TBL (ROOMID, ROOMNM, MASTERID, MASTERNM, MEMCNT, CDT, UDT) VALUES
 ('r1','{"roomnm":"김/이/박","userid":"kim/lee/park"}','kim','김',4,'2020-01-01 00:00:00.000001',''),
 ('r2','{"roomnm":"김/이","userid":"kim/lee"}','kim','김',2,'2020-01-01 00:00:00.000002',''),
 ('r3','{"roomnm":"김/이","userid":"kim/lee"}','kim','김',2,'2020-01-01 00:00:00.000003','');
INSERT INTO A_ROOMDTL_TBL (ROOMID, USERID, USERNM, STATE, NOTI) VALUES
 ('r1','kim','김','',''),('r1','lee','이','','X'),('r1','park','박','',''),('r1','choi','최','',''),
 ('r2','kim','김','',''),('r2','lee','이','2',''),
 ('r3','kim','김','',''),('r3','lee','이','',''),('r3','park','박','L','');
INSERT INTO A_ROOMMEM_TBL (ROOMID, MEMBERS, CDT) VALUES ('r1','choi;kim;lee;park','2020-01-01'),('r2','kim;lee','2020-01-01'),('r3','kim;lee','2020-01-02');
INSERT INTO A_MSGMST_TBL (MSGID, ROOMID, SENDERID, SENDERNM, BODY, TYP, STATE2, CDT) VALUES
 ('m3','r1','kim','김','셋','talk','','2020-01-01 00:00:03.000000'),
 ('m1','r1','kim','김','하나','talk','','2020-01-01 00:00:01.000000'),
 ('m2','r1','lee','이','둘','talk','','2020-01-01 00:00:02.000000'),
 ('m4','r1','kim','김','비밀','talk','C','2020-01-01 00:00:04.000000'),
 ('m5','r1','kim','김','최~~choi~~김','invite','','2020-01-01 00:00:05.000000'),
 ('m6','r1','choi','최','여섯','talk','','2020-01-01 00:00:06.000000'),
 ('m2b','r1','lee','이','둘 반','talk','','2020-01-01 00:00:02.000000'),
 ('p1','r2','kim','김','옛말','talk','','2020-01-01 00:00:01.000000'),
 ('t1','r3','kim','김','셋이서','talk','','2020-01-01 00:00:01.000000'),
 ('t2','r3','park','박','박 퇴장','leave','','2020-01-01 00:00:02.000000');
INSERT INTO A_MSGDTL_TBL (MSGID, ROOMID, SENDERID, RECEIVERID, RECEIVERNM, STATE) VALUES
 ('m1','r1','kim','kim','김','R'),('m1','r1','kim','lee','이','R'),('m1','r1','kim','park','박','R'),
 ('m2','r1','lee','kim','김','R'),('m2','r1','lee','lee','이','R'),('m2','r1','lee','park','박',''),
 ('m2b','r1','lee','kim','김','R'),('m2b','r1','lee','lee','이','R'),
 ('m3','r1','kim','kim','김','R'),('m3','r1','kim','lee','이','D'),('m3','r1','kim','park','박','R'),
 ('m4','r1','kim','kim','김','R'),('m4','r1','kim','lee','이','R'),('m4','r1','kim','park','박','D'),
 ('m5','r1','kim','kim','김',''),('m5','r1','kim','lee','이',''),('m5','r1','kim','park','박',''),('m5','r1','kim','choi','최',''),
 ('m6','r1','choi','kim','김',''),('m6','r1','choi','lee','이','R'),('m6','r1','choi','park','박',''),('m6','r1','choi','choi','최','R'),
 ('p1','r2','kim','kim','김','R'),('p1','r2','kim','lee','이','D'),
 ('t1','r3','kim','kim','김','R'),('t1','r3','kim','lee','이',''),('t1','r3','kim','park','박','D'),
 ('t2','r3','park','kim','김','R'),('t2','r3','park','lee','이','R');
`

func TestADatabaseOfTheOriginalGoesOnWithItsHistoryUnreadNumbersAndMembers(t *testing.T) {
	for _, kind := range []string{"sqlite", "mariadb"} {
		for _, lower := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s lower-case names %v", kind, lower), func(t *testing.T) {
				s, err := store.Open(t.Context(), original(t, kind, lower))
				if err != nil {
					t.Fatal(err)
				}
				defer s.Close()
				checkLegacy(t, s)
			})
		}
	}
}

func TestAMigrationThatWasCutOffAnywhereIsFinishedByTheNextStart(t *testing.T) {
	for _, kind := range []string{"sqlite", "mariadb"} {
		t.Run(kind, func(t *testing.T) {
			// The embedded database takes all back at once; MariaDB keeps what was done before the cut.
			step := 15
			if kind == "mariadb" {
				step = 3
			}
			for n := 0; ; n += step {
				c := original(t, kind, false)
				restore := store.CutMigration(n)
				s, err := store.Open(t.Context(), c)
				restore()
				done := err == nil
				if !done {
					if !errors.Is(err, store.ErrCut) {
						t.Fatalf("cut at statement %d: %v", n, err)
					}
					if s, err = store.Open(t.Context(), c); err != nil {
						t.Fatalf("after a cut at statement %d: %v", n, err)
					}
				}
				checkLegacy(t, s)
				_ = s.Close()
				if t.Failed() {
					t.Fatalf("after a cut at statement %d", n)
				}
				if done {
					return
				}
			}
		})
	}
}

func history(t *testing.T, s *store.Store, user protocol.UserID, room protocol.RoomID) string {
	t.Helper()
	page, err := s.Messages(t.Context(), user, room, nil, nil, 50)
	if err != nil {
		t.Fatalf("history of %s for %s: %v", room, user, err)
	}
	var out []string
	for _, m := range page.Messages {
		text := m.Body
		if m.Cancelled {
			text = "(cancelled)" + m.Body
		}
		out = append(out, fmt.Sprintf("%d %s %s %d", m.Seq, m.Sender, text, m.Unread))
	}
	return strings.Join(out, ", ")
}

// checkLegacy checks what legacyRows must have become.
func checkLegacy(t *testing.T, s *store.Store) {
	t.Helper()
	ctx := context.Background()
	for _, c := range []struct {
		user protocol.UserID
		room protocol.RoomID
		want string
	}{
		{"kim", "r1", "1 kim 하나 0, 2 lee 둘 1, 3 lee 둘 반 0, 4 kim 셋 0, 5 kim (cancelled) 0, 6 kim 최 3, 7 choi 여섯 2"},
		{"lee", "r1", "1 kim 하나 0, 2 lee 둘 1, 3 lee 둘 반 0, 5 kim (cancelled) 0, 6 kim 최 3, 7 choi 여섯 2"},
		{"park", "r1", "1 kim 하나 0, 2 lee 둘 1, 4 kim 셋 0, 6 kim 최 3, 7 choi 여섯 2"},
		{"choi", "r1", "6 kim 최 3, 7 choi 여섯 2"},
		{"kim", "r2", "1 kim 옛말 0"},
		{"lee", "r3", "1 kim 셋이서 1, 2 park 박 0"},
	} {
		if got := history(t, s, c.user, c.room); got != c.want {
			t.Errorf("%s sees in %s\n %s, want\n %s", c.user, c.room, got, c.want)
		}
	}
	for user, want := range map[protocol.UserID]int{"kim": 1, "lee": 1, "park": 2, "choi": 0} {
		page, err := s.Rooms(ctx, user, "", "", 30)
		if err != nil {
			t.Fatal(err)
		}
		got := 0
		for _, r := range page.Rooms {
			got += r.Unread
		}
		if got != want {
			t.Errorf("%s has %d unread, want %d", user, got, want)
		}
	}
	if _, err := s.Room(ctx, "park", "r3"); !errors.Is(err, store.ErrNotMember) {
		t.Errorf("park is back in r3: %v", err)
	}
	if _, err := s.Room(ctx, "lee", "r2"); !errors.Is(err, store.ErrNotMember) {
		t.Errorf("lee is back in r2: %v", err)
	}
	r1, err := s.Room(ctx, "lee", "r1")
	if err != nil || !r1.Muted || r1.MemberCount != 4 || r1.Seq != 7 || r1.Title != "김, 박, 최" || r1.Master != "kim" {
		t.Errorf("r1 is %+v, %v", r1, err)
	}
	// kim and lee are r3 since park left, being the newer one.
	if made, err := s.CreateRoom(ctx, "lee", []protocol.UserID{"kim"}, "", nil); err != nil || made.Room != "r3" || !made.Existed {
		t.Errorf("the room of kim and lee is %+v, %v", made, err)
	}
	for id, want := range map[protocol.UserID]string{"kim": "$argon2id$made of the old one", "lee": "", "park": "", "choi": ""} {
		if a, err := s.Account(ctx, id); err != nil || a.PasswordHash != want || !a.Active {
			t.Errorf("account of %s: %+v, %v", id, a, err)
		}
	}
	if out := send(t, s, "r2", "kim", "p2", "새말"); out.Message.Seq != 2 || len(out.Revived) != 1 {
		t.Errorf("the next message in the pair: %+v", out)
	}
	if got := history(t, s, "lee", "r2"); got != "2 kim 새말 1" {
		t.Errorf("lee sees in the pair %s", got)
	}
	if in, err := s.IsMember(ctx, "r1", "KIM"); in || err != nil {
		t.Errorf("ids are not case-sensitive: %v", err)
	}
	if out := send(t, s, "r1", "lee", "m8", "여덟 😀"); out.Message.Seq != 8 || out.Message.Unread != 3 {
		t.Errorf("the next message: %+v", out)
	}
	if got := history(t, s, "park", "r1"); !strings.HasSuffix(got, "여덟 😀 3") {
		t.Errorf("park sees %s", got)
	}
	if moved, err := s.Read(ctx, "r1", "park", 8, nil); err != nil || moved.Cursor.Seq != 8 {
		t.Errorf("park reads: %+v, %v", moved, err)
	}
	if un, err := s.Unread(ctx, "park"); err != nil || un.Total != 0 {
		t.Errorf("park has read all, but %+v, %v", un, err)
	}
}

func TestANewerDatabaseIsRefusedWithAClearSentence(t *testing.T) {
	dir := t.TempDir()
	s, err := store.Open(t.Context(), store.Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	_ = s.Close()
	db, err := sql.Open("sqlite", filepath.Join(dir, "sendjay.db"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.ExecContext(t.Context(), "UPDATE S_SCHEMA_TBL SET VERSION=999")
	_ = db.Close()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Open(t.Context(), store.Config{Dir: dir}); !errors.Is(err, store.ErrNewer) {
		t.Fatalf("%v", err)
	}
}

func TestAFolderThatCannotBeWrittenIsNamed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(file, "data")
	if _, err := store.Open(t.Context(), store.Config{Dir: dir}); err == nil || !strings.Contains(err.Error(), dir) && !strings.Contains(err.Error(), file) {
		t.Fatalf("%v", err)
	}
}
