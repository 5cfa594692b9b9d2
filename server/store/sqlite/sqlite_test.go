package sqlite

import (
	"context"
	"errors"
	"math"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	sqlite3 "modernc.org/sqlite/lib"
)

func open(t *testing.T, path string) *Conn {
	t.Helper()
	c, err := Open(path, "journal_mode(WAL)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func prepare(t *testing.T, c *Conn, query string) *Stmt {
	t.Helper()
	s, err := c.Prepare(query)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func code(err error) int {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code() & 0xff
	}
	return -1
}

func TestWhatIsBoundIsWhatIsRead(t *testing.T) {
	c := open(t, filepath.Join(t.TempDir(), "db"))
	echo := prepare(t, c, "SELECT ?")
	for _, v := range []struct {
		in   any
		kind Kind
		want any
	}{
		{nil, Null, nil},
		{"", Text, ""},
		{"한글 \x00 text 🙂", Text, "한글 \x00 text 🙂"},
		{strings.Repeat("long ", 20_000), Text, strings.Repeat("long ", 20_000)},
		{"short again", Text, "short again"},
		{[]byte(nil), Null, nil},
		{[]byte{}, Blob, []byte{}},
		{[]byte{0, 1, 255}, Blob, []byte{0, 1, 255}},
		{int64(math.MinInt64), Integer, int64(math.MinInt64)},
		{7, Integer, int64(7)},
		{true, Integer, int64(1)},
		{1.5, Float, 1.5},
	} {
		if err := echo.Bind([]any{v.in}); err != nil {
			t.Fatal(err)
		}
		if more, err := echo.Step(); !more || err != nil {
			t.Fatal(more, err)
		}
		got := echo.Value(0)
		if !reflect.DeepEqual(got, v.want) || echo.Kind(0) != v.kind {
			t.Errorf("%T %.20v came back as %T %.20v", v.in, v.in, got, got)
		}
		echo.Reset()
	}
	if err := echo.Bind([]any{struct{}{}}); err == nil {
		t.Error("a struct was bound")
	}
	if err := echo.Bind(nil); err == nil {
		t.Error("an argument was left out")
	}
}

func TestARowIsWrittenFromKeptPlacesWithoutMemory(t *testing.T) {
	c := open(t, filepath.Join(t.TempDir(), "db"))
	s := prepare(t, c, "SELECT ?||' '||?, ?+?")
	var text, end string
	var n int64
	places := []any{&text, &end, &n, &n}
	write := func() {
		if err := s.Bind(places); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 3 {
		text, end, n = strings.Repeat("가나다", 100*i), "끝", 1<<40+int64(i)
		write()
		if more, err := s.Step(); !more || err != nil || s.Value(0) != text+" "+end || s.Value(1) != 2*n {
			t.Errorf("%d: %.20v %v %v", i, s.Value(0), s.Value(1), err)
		}
		s.Reset()
	}
	if n := testing.AllocsPerRun(100, write); n != 0 {
		t.Errorf("%v pieces of memory for a row", n)
	}
}

func TestATextIsItsOwnWhateverRowsFollow(t *testing.T) {
	c := open(t, filepath.Join(t.TempDir(), "db"))
	s := prepare(t, c, "WITH N(I) AS (SELECT 1 UNION ALL SELECT I+1 FROM N WHERE I<200) SELECT 'row '||(I/3) FROM N")
	var all []string
	for {
		more, err := s.Step()
		if err != nil {
			t.Fatal(err)
		}
		if !more {
			break
		}
		all = append(all, s.Text(0))
	}
	if len(all) != 200 || all[0] != "row 0" || all[2] != "row 1" || all[3] != "row 1" || all[199] != "row 66" {
		t.Errorf("%d rows: %q", len(all), all)
	}
}

func TestLowerKnowsAllAlphabets(t *testing.T) {
	c := open(t, filepath.Join(t.TempDir(), "db"))
	s := prepare(t, c, "SELECT LOWER(?)")
	for in, want := range map[any]any{"": "", "Sales": "sales", "ÄÖ Ω 한글": "äö ω 한글", int64(7): int64(7), nil: nil} {
		if err := s.Bind([]any{in}); err != nil {
			t.Fatal(err)
		}
		if more, err := s.Step(); !more || err != nil || s.Value(0) != want {
			t.Errorf("%v: %v %v", in, s.Value(0), err)
		}
		s.Reset()
	}
}

func TestAStatementIsOneStatement(t *testing.T) {
	c := open(t, filepath.Join(t.TempDir(), "db"))
	for _, query := range []string{"", "-- nothing", "SELECT 1; SELECT 2", "SELECT 1; nonsense", "nonsense"} {
		if _, err := c.Prepare(query); err == nil {
			t.Errorf("%q was prepared", query)
		}
	}
	if err := c.Exec("CREATE TABLE T (A TEXT UNIQUE);\nINSERT INTO T VALUES ('a'), ('b'); -- two\n"); err != nil || c.Changed() != 2 || c.LastRow() != 2 {
		t.Error(err, c.Changed(), c.LastRow())
	}
	err := c.Exec("INSERT INTO T VALUES ('c'); INSERT INTO T VALUES ('a')")
	if code(err) != sqlite3.SQLITE_CONSTRAINT || !strings.Contains(err.Error(), "T.A") {
		t.Error(err)
	}
	// A statement that failed can be run again.
	s := prepare(t, c, "INSERT INTO T VALUES (?)")
	for _, v := range []struct {
		text string
		well bool
	}{{"a", false}, {"d", true}, {"d", false}, {"e", true}} {
		if err := s.Bind([]any{v.text}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Step(); (err == nil) != v.well {
			t.Errorf("%s: %v", v.text, err)
		}
		s.Reset()
	}
}

func TestWhoWritesIsAloneAndReadersSeeWhatWasCommitted(t *testing.T) {
	path := filepath.Join(t.TempDir(), "db")
	a, b := open(t, path), open(t, path)
	if err := a.Exec("CREATE TABLE T (A); BEGIN IMMEDIATE; INSERT INTO T VALUES (1)"); err != nil || !a.InTransaction() || b.InTransaction() {
		t.Fatal(err)
	}
	if err := b.Exec("BEGIN IMMEDIATE"); code(err) != sqlite3.SQLITE_BUSY {
		t.Errorf("a second one writes: %v", err)
	}
	rows := prepare(t, b, "SELECT COUNT(*) FROM T")
	count := func() int64 {
		defer rows.Reset()
		if more, err := rows.Step(); !more || err != nil {
			t.Fatal(err)
		}
		return rows.Int(0)
	}
	if n := count(); n != 0 {
		t.Errorf("%d rows before the commit", n)
	}
	if err := a.Exec("COMMIT"); err != nil || count() != 1 {
		t.Errorf("%d rows after the commit, %v", count(), err)
	}
}

func TestAStatementEndsWhenItIsCalledOffAndTheNextOneDoesNot(t *testing.T) {
	c := open(t, filepath.Join(t.TempDir(), "db"))
	endless := prepare(t, c, "WITH N(I) AS (SELECT 1 UNION ALL SELECT I+1 FROM N) SELECT I FROM N")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := c.CallOff(ctx)
	var err error
	for more := true; more && err == nil; {
		if more, err = endless.Step(); endless.Int(0) == 1000 {
			cancel()
		}
	}
	endless.Reset()
	done()
	if code(err) != sqlite3.SQLITE_INTERRUPT {
		t.Fatalf("it ended with %v", err)
	}
	// One that was called off before it began, and one whose turn is over, end nothing.
	for range 50 {
		ctx, cancel := context.WithCancel(t.Context())
		c.CallOff(ctx)()
		cancel()
		if err := c.Exec("SELECT 1; SELECT 2"); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAFileThatCannotBeOpenedIsAnError(t *testing.T) {
	if _, err := Open(filepath.Join(t.TempDir(), "no", "folder")); code(err) != sqlite3.SQLITE_CANTOPEN {
		t.Error(err)
	}
	if _, err := Open(filepath.Join(t.TempDir(), "db"), "journal_mode("); err == nil {
		t.Error("nonsense is a pragma")
	}
}
