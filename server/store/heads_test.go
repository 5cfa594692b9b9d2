package store_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sendjay/server/store"
	"sendjay/shared/protocol"
)

func TestWhatAStatementChangesIsReadFromItsText(t *testing.T) {
	for _, c := range []struct {
		query string
		args  []string
		want  []string
	}{
		{"SELECT ROOMID FROM A_ROOMMST_TBL WHERE ROOMID=?", []string{"r"}, nil},
		{"UPDATE Z_USER_TBL SET ACTIVE='N' WHERE USER_ID=?", []string{"kim"}, nil},
		{"INSERT INTO A_MSGMST_TBL (MSGID, ROOMID) VALUES (?,?)", []string{"m", "r"}, nil},
		{"UPDATE A_ROOMMST_TBL SET REV=?, UDT=? WHERE ROOMID=?", []string{"1", "2", "r"}, []string{"r"}},
		{"UPDATE A_ROOMDTL_TBL SET STATE='', READSEQ=? WHERE ROOMID=? AND USERID=?", []string{"1", "r", "kim"}, []string{"r"}},
		{"update A_ROOMDTL_TBL\n set READSEQ=?\n where USERID=? and ROOMID=?", []string{"1", "kim", "r"}, []string{"r"}},
		{"DELETE FROM A_ROOMDTL_TBL WHERE ROOMID=?", []string{"r"}, []string{"r"}},
		{"INSERT INTO A_ROOMDTL_TBL (ROOMID, USERID, REV) VALUES (?,?,?),(?,?,?)", []string{"r", "kim", "1", "q", "lee", "2"}, []string{"r", "q"}},
		{"INSERT INTO A_ROOMMST_TBL (ROOMID, ROOMNM, SEQ) VALUES (?,?,0)", []string{"r", "name"}, []string{"r"}},
		{"INSERT INTO A_ROOMDTL_TBL (ROOMID, USERID) VALUES (?,?) ON CONFLICT(ROOMID, USERID) DO UPDATE SET REV=excluded.REV", []string{"r", "kim"}, []string{"r"}},
		// Whatever is less plain lets go of all.
		{"UPDATE A_ROOMDTL_TBL SET STATE='L' WHERE USERID=?", []string{"kim"}, []string{"*"}},
		{"UPDATE A_ROOMDTL_TBL SET STATE='L' WHERE ROOMID IN (?,?)", []string{"r", "q"}, []string{"*"}},
		{"UPDATE A_ROOMDTL_TBL SET STATE='L' WHERE ROOMID=? OR USERID=?", []string{"r", "kim"}, []string{"*"}},
		{"UPDATE A_ROOMMST_TBL SET SEQ=(SELECT MAX(SEQ) FROM A_MSGMST_TBL WHERE ROOMID=?) WHERE MASTERID=?", []string{"r", "kim"}, []string{"*"}},
		{"UPDATE A_ROOMMST_TBL SET REV=REV+1", nil, []string{"*"}},
		{"DELETE FROM A_ROOMMST_TBL", nil, []string{"*"}},
		{"INSERT INTO A_ROOMDTL_TBL (USERID, ROOMID) VALUES (?,?)", []string{"kim", "r"}, []string{"*"}},
		{"INSERT INTO A_ROOMDTL_TBL (ROOMID, USERID) SELECT ROOMID, ? FROM A_ROOMMST_TBL", []string{"kim"}, []string{"*"}},
		{"WITH T AS (SELECT 1) UPDATE A_ROOMMST_TBL SET REV=1 WHERE ROOMID=?", []string{"r"}, []string{"*"}},
		{"DROP TABLE A_ROOMMST_TBL", nil, []string{"*"}},
		{"UPDATE A_ROOMMST_TBL SET REV=1 WHERE ROOMID=?; DELETE FROM A_ROOMDTL_TBL", []string{"r"}, []string{"*"}},
	} {
		if got := store.Touched(c.query, c.args...); !slices.Equal(got, c.want) {
			t.Errorf("%s changes %v, want %v", c.query, got, c.want)
		}
	}
}

func lite(t *testing.T, dir string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), store.Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestRoomsStayInMindUntilSomethingElseChangesThem(t *testing.T) {
	s := lite(t, t.TempDir())
	people(t, s, "kim", "lee", "cho", "han")
	r, q := room(t, s, "kim", "lee", "cho"), room(t, s, "kim", "lee")
	send(t, s, r, "kim", "m1", "text")
	send(t, s, q, "kim", "m2", "text")
	if n := s.InMind(t.Context()); n != 2 {
		t.Fatalf("%d rooms in mind", n)
	}
	if _, _, err := s.Invite(t.Context(), r, "kim", []protocol.UserID{"han"}, nil); err != nil {
		t.Fatal(err)
	}
	if n := s.InMind(t.Context()); n != 1 {
		t.Fatalf("%d rooms in mind after one of them changed", n)
	}
	if out := send(t, s, r, "han", "m3", "text"); out.Message.Seq != 3 || out.Message.Unread != 3 {
		t.Fatalf("%+v", out.Message)
	}
	// A refusal changes nothing, so it costs nothing.
	if _, err := s.Kick(t.Context(), r, "lee", "kim", nil); !errors.Is(err, store.ErrNotMaster) {
		t.Fatal(err)
	}
	if n := s.InMind(t.Context()); n != 2 {
		t.Fatalf("%d rooms in mind after a refusal", n)
	}
	// Nor does what is none of a room's business.
	if err := s.SetPassword(t.Context(), "cho", "another", false); err != nil {
		t.Fatal(err)
	}
	if n := s.InMind(t.Context()); n != 2 {
		t.Fatalf("%d rooms in mind after a person changed", n)
	}
}

func TestWhatAnotherProcessDoesToARoomIsSeenByTheNextSend(t *testing.T) {
	dir := t.TempDir()
	s := lite(t, dir)
	people(t, s, "kim", "lee", "cho")
	r := room(t, s, "kim", "lee", "cho")
	send(t, s, r, "kim", "m1", "text")
	other := lite(t, dir)
	if out := send(t, other, r, "lee", "m2", "text"); out.Message.Seq != 2 {
		t.Fatalf("%+v", out.Message)
	}
	if out := send(t, s, r, "kim", "m3", "text"); out.Message.Seq != 3 || out.Message.Rev <= 3 {
		t.Fatalf("%+v", out.Message)
	}
	if _, err := other.Kick(t.Context(), r, "kim", "cho", nil); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Send(t.Context(), store.NewMessage{ID: "m4", Room: r, Sender: "cho", Body: "text"}, nil); !errors.Is(err, store.ErrNotMember) {
		t.Fatalf("who was put out elsewhere: %v", err)
	}
	if out := send(t, s, r, "kim", "m5", "text"); out.Message.Seq != 5 || out.Message.Unread != 1 {
		t.Fatalf("%+v", out.Message)
	}
	if err := other.SetActive(t.Context(), "lee", false); err != nil {
		t.Fatal(err)
	}
	if out := send(t, s, r, "kim", "m6", "text"); out.Message.Seq != 6 {
		t.Fatalf("%+v", out.Message)
	}
}

func TestAnyStatementMayFailAndNothingIsLostOrTwice(t *testing.T) {
	var left, cuts atomic.Int64
	left.Store(-1)
	restore := store.FailStatements(func(query string) bool {
		// Where one of many tried in one commit has failed, each is tried again by itself.
		if strings.HasPrefix(query, "ROLLBACK") || left.Load() < 0 {
			return false
		}
		if left.Add(-1) >= 0 {
			return false
		}
		cuts.Add(1)
		return true
	})
	s := lite(t, t.TempDir())
	restore()
	people(t, s, "kim", "lee", "cho", "han")
	for n := range int64(1000) {
		guest := protocol.UserID(fmt.Sprint("guest", n))
		people(t, s, guest)
		r, pair := room(t, s, "kim", "lee", "cho", guest), room(t, s, "kim", guest)
		send(t, s, pair, "kim", fmt.Sprint("first", n), "text")
		if _, err := s.Leave(t.Context(), pair, guest, nil); err != nil {
			t.Fatal(err)
		}
		before := cuts.Load()
		left.Store(n)
		var wg sync.WaitGroup
		for i := range 2 {
			id := protocol.MessageID(fmt.Sprintf("m%d-%d", n, i))
			for _, m := range []store.NewMessage{
				{ID: id, Room: r, Sender: "kim", Body: "text"}, {ID: id + "l", Room: r, Sender: "lee", Body: "text"}, {ID: id + "p", Room: pair, Sender: "kim", Body: "text"},
			} {
				wg.Go(func() { _, _ = s.Send(t.Context(), m, nil) })
			}
			wg.Go(func() { _, _ = s.Read(t.Context(), r, "cho", 1, nil) })
			wg.Go(func() { _, _ = s.Cancel(t.Context(), r, "kim", id, time.Hour, nil) })
		}
		wg.Go(func() { _, _, _ = s.Invite(t.Context(), r, "lee", []protocol.UserID{"han"}, nil) })
		wg.Go(func() { _, _ = s.Kick(t.Context(), r, "kim", "lee", nil) })
		wg.Wait()
		left.Store(-1)
		for _, room := range []protocol.RoomID{r, pair} {
			whole(t, s, room, fmt.Sprintf("n%d", n))
		}
		if cuts.Load() == before {
			return
		}
	}
	t.Fatal("it never came to an end")
}

// whole checks that room's seqs are dense and its revs are used once, and that it goes on.
func whole(t *testing.T, s *store.Store, room protocol.RoomID, name string) {
	t.Helper()
	out := send(t, s, room, "kim", "after"+name+string(room), "text")
	after := protocol.Seq(0)
	page, err := s.Messages(t.Context(), "kim", room, nil, &after, 1000)
	if err != nil {
		t.Fatal(err)
	}
	revs := map[protocol.Rev]bool{}
	for i, m := range page.Messages {
		if m.Seq != protocol.Seq(i+1) || revs[m.Rev] {
			t.Fatalf("%s: message %d is %+v", name, i, m)
		}
		revs[m.Rev] = true
	}
	if last := page.Messages[len(page.Messages)-1]; last.ID != out.Message.ID || last.Rev != out.Message.Rev {
		t.Fatalf("%s: the last is %+v, sent was %+v", name, last, out.Message)
	}
}
