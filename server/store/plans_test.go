package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// Analyze lets the database count its tables, as it does by itself now and then.
func (s *Store) Analyze(ctx context.Context) error {
	statement := "ANALYZE"
	if s.d.name() == "mysql" {
		statement = "ANALYZE TABLE A_MSGMST_TBL, A_MSGDTL_TBL, A_ROOMMST_TBL, A_ROOMDTL_TBL, S_FIND_TBL"
	}
	_, err := s.write.ExecContext(ctx, statement)
	return err
}

// Plans runs f and returns how the database gets at the tables of each statement that f reads with.
func (s *Store) Plans(t *testing.T, f func()) []string {
	t.Helper()
	var out []string
	for _, q := range s.listen(t, f) {
		out = append(out, planOf(t, s, q)...)
	}
	return out
}

// Statements returns how many statements f reads with.
func (s *Store) Statements(t *testing.T, f func()) int {
	t.Helper()
	return len(s.listen(t, f))
}

func (s *Store) listen(t *testing.T, f func()) []asking {
	t.Helper()
	conn, err := s.read.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	heard := &listened{}
	if err := conn.Raw(func(c any) error {
		heard.Conn = c.(driver.Conn)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(heard)
	db.SetMaxOpenConns(1)
	read := s.read
	s.read = db
	f()
	s.read = read
	return heard.asked
}

// planOf returns how the database means to answer q, a line a step.
func planOf(t *testing.T, s *Store, q asking) []string {
	t.Helper()
	var out []string
	rows, err := s.write.QueryContext(t.Context(), map[string]string{"sqlite": "EXPLAIN QUERY PLAN ", "mysql": "EXPLAIN "}[s.d.name()]+q.text, q.args...)
	if err != nil {
		t.Fatalf("%s: %v", q.text, err)
	}
	defer rows.Close()
	columns, _ := rows.Columns()
	for rows.Next() {
		values, into := make([]sql.NullString, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		var line []string
		for i, c := range columns {
			if slices.Contains([]string{"detail", "table", "type", "key", "Extra"}, c) {
				line = append(line, strings.TrimPrefix(c+"="+values[i].String, "detail="))
			}
		}
		out = append(out, strings.Join(line, " "))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// listened is a connection that remembers what it was asked.
type listened struct {
	driver.Conn
	asked []asking
}

type asking struct {
	text string
	args []any
}

func (l *listened) Connect(context.Context) (driver.Conn, error) { return l, nil }
func (l *listened) Driver() driver.Driver                        { return nil }
func (l *listened) Close() error                                 { return nil }

func (l *listened) BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	return l.Conn.(driver.ConnBeginTx).BeginTx(ctx, o)
}

func (l *listened) PrepareContext(ctx context.Context, text string) (driver.Stmt, error) {
	stmt, err := l.Conn.(driver.ConnPrepareContext).PrepareContext(ctx, text)
	return &listenedStmt{stmt, l, text}, err
}

func (l *listened) CheckNamedValue(v *driver.NamedValue) (err error) {
	if c, ok := l.Conn.(driver.NamedValueChecker); ok {
		return c.CheckNamedValue(v)
	}
	v.Value, err = driver.DefaultParameterConverter.ConvertValue(v.Value)
	return err
}

type listenedStmt struct {
	driver.Stmt
	l    *listened
	text string
}

func (s *listenedStmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	a := asking{text: s.text}
	for _, v := range args {
		a.args = append(a.args, v.Value)
	}
	if !slices.ContainsFunc(s.l.asked, func(b asking) bool { return b.text == a.text && fmt.Sprint(b.args) == fmt.Sprint(a.args) }) {
		s.l.asked = append(s.l.asked, a)
	}
	return s.Stmt.(driver.StmtQueryContext).QueryContext(ctx, args)
}
