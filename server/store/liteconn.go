package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"strings"

	"sendjay/server/store/sqlite"
)

// statementsKept is how many prepared statements a connection keeps. Lists of varying length make a text
// each, so the one unused for longest goes.
const statementsKept = 100

// liteConnector opens connections to SQLite that keep what they have prepared: preparing costs more than
// most of our statements take.
type liteConnector struct {
	path    string
	pragmas []string
	// minds is set for the connection of the committer, which keeps rooms in mind.
	minds bool
	// through lets a test stand before every statement.
	through func(query string) error
}

func (l *liteConnector) Driver() driver.Driver { return liteDriver{l} }

// liteDriver is what database/sql asks for beside a connector.
type liteDriver struct{ *liteConnector }

func (l liteDriver) Open(string) (driver.Conn, error) { return l.Connect(context.Background()) }

func (l *liteConnector) Connect(context.Context) (driver.Conn, error) {
	c, err := sqlite.Open(l.path, l.pragmas...)
	if err != nil {
		return nil, err
	}
	lc := &liteConn{Conn: c, kept: map[string]*liteStmt{}, through: l.through}
	if l.minds {
		lc.heads, lc.rows = newHeads(), newLiteTalkRows()
		if err := c.GatherLog(); err != nil {
			return nil, errors.Join(err, c.Close())
		}
	}
	return lc, nil
}

// liteConn is one connection, as database/sql wants it. One goroutine at a time uses it.
type liteConn struct {
	*sqlite.Conn
	kept  map[string]*liteStmt
	turn  int64
	heads *heads // nil unless this is the committer's connection
	rows  *liteTalkRows
	args  []any

	through func(query string) error
}

// liteStmt is a prepared statement that is kept, or one that ends with its rows.
type liteStmt struct {
	*sqlite.Stmt
	c     *liteConn
	touch touch
	used  int64
	busy  bool // its rows are being read
	once  bool
}

// stmt returns the statement for query: the kept one, or, where it is not one to keep or in use, one that is
// ended after it has run.
func (c *liteConn) stmt(query string) (*liteStmt, error) {
	if c.through != nil {
		if err := c.through(query); err != nil {
			return nil, err
		}
	}
	return c.prepared(query)
}

func (c *liteConn) prepared(query string) (*liteStmt, error) {
	c.turn++
	kept := c.kept[query]
	if kept != nil && !kept.busy {
		kept.used = c.turn
		return kept, nil
	}
	made, err := c.Conn.Prepare(query)
	if err != nil {
		return nil, err
	}
	s := &liteStmt{Stmt: made, c: c, touch: touches(query), used: c.turn, once: kept != nil || !keepable(query)}
	if !s.once {
		if len(c.kept) >= statementsKept {
			c.forgetOne()
		}
		c.kept[query] = s
	}
	return s, nil
}

// begin binds a statement, and lets go of the rooms that it changes.
func (s *liteStmt) begin(args []any) error {
	if s.c.heads != nil {
		s.c.heads.forget(s.touch, args)
	}
	return s.Bind(args)
}

// end makes a statement ready for its next run, or ends it.
func (s *liteStmt) end() {
	s.busy = false
	if s.once {
		_ = s.Close() // what its run met was told
		return
	}
	s.Reset()
}

// run runs a statement to its end.
func (s *liteStmt) run(args []any) error {
	defer s.end()
	err := s.begin(args)
	for more := err == nil; more; {
		more, err = s.Step()
	}
	return err
}

// keepable reports whether query is worth keeping and means the same every time: some pragmas act while
// they are prepared.
func keepable(query string) bool {
	switch verb, _, _ := strings.Cut(query, " "); verb {
	case "SELECT", "INSERT", "UPDATE", "DELETE", "SAVEPOINT", "RELEASE", "BEGIN", "COMMIT", "ROLLBACK":
		return true
	}
	return query == dataVersion
}

// forgetOne closes the statement unused for longest.
func (c *liteConn) forgetOne() {
	oldest := ""
	for query, s := range c.kept {
		if !s.busy && (oldest == "" || s.used < c.kept[oldest].used) {
			oldest = query
		}
	}
	if oldest != "" {
		_ = c.kept[oldest].Close() // an error would be that of its last run, which was told
		delete(c.kept, oldest)
	}
}

// ExecContext runs query.
func (c *liteConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	s, err := c.stmt(query)
	if err != nil {
		return nil, err
	}
	defer c.CallOff(ctx)()
	if err := s.run(c.values(args)); err != nil {
		return nil, calledOff(ctx, err)
	}
	return liteResult{c.LastRow(), c.Changed()}, nil
}

type liteResult struct{ last, changed int64 }

func (r liteResult) LastInsertId() (int64, error) { return r.last, nil }
func (r liteResult) RowsAffected() (int64, error) { return r.changed, nil }

// calledOff says that ctx is over instead of what came of that.
func calledOff(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// QueryContext runs query. A statement that returns rows may change some as well.
func (c *liteConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	s, err := c.stmt(query)
	if err != nil {
		return nil, err
	}
	s.busy = true
	r := &liteRows{s: s, ctx: ctx, done: c.CallOff(ctx)}
	if err := s.begin(c.values(args)); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

// liteRows gives its statement back when it is closed.
type liteRows struct {
	s    *liteStmt
	ctx  context.Context
	done func()
}

func (r *liteRows) Columns() []string { return r.s.Columns() }

func (r *liteRows) Next(dest []driver.Value) error {
	more, err := r.s.Step()
	if err != nil {
		return calledOff(r.ctx, err)
	}
	if !more {
		return io.EOF
	}
	for i := range dest {
		dest[i] = r.s.Value(i)
	}
	return nil
}

func (r *liteRows) Close() error {
	if r.done != nil {
		r.done()
		r.done = nil
		r.s.end()
	}
	return nil
}

// Prepare is PrepareContext.
func (c *liteConn) Prepare(query string) (driver.Stmt, error) {
	return c.PrepareContext(context.Background(), query)
}

// PrepareContext returns query as a statement. It is kept as any other, so nothing is prepared yet.
func (c *liteConn) PrepareContext(_ context.Context, query string) (driver.Stmt, error) {
	return litePrepared{c, query}, nil
}

// litePrepared is a statement by its text.
type litePrepared struct {
	c     *liteConn
	query string
}

func (litePrepared) Close() error  { return nil }
func (litePrepared) NumInput() int { return -1 }

func (p litePrepared) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	return p.c.ExecContext(ctx, p.query, args)
}

func (p litePrepared) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	return p.c.QueryContext(ctx, p.query, args)
}

func (p litePrepared) Exec(args []driver.Value) (driver.Result, error) {
	return p.ExecContext(context.Background(), valuesNamed(args))
}

func (p litePrepared) Query(args []driver.Value) (driver.Rows, error) {
	return p.QueryContext(context.Background(), valuesNamed(args))
}

func valuesNamed(args []driver.Value) []driver.NamedValue {
	out := make([]driver.NamedValue, len(args))
	for i, a := range args {
		out[i] = driver.NamedValue{Ordinal: i + 1, Value: a}
	}
	return out
}

// Begin is BeginTx.
func (c *liteConn) Begin() (driver.Tx, error) {
	return c.BeginTx(context.Background(), driver.TxOptions{})
}

// BeginTx begins a transaction: at once as the one that writes, unless it only reads.
func (c *liteConn) BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	begin := "BEGIN IMMEDIATE"
	if o.ReadOnly {
		begin = "BEGIN"
	}
	defer c.CallOff(ctx)()
	s, err := c.prepared(begin)
	if err == nil {
		err = s.run(nil)
	}
	return liteTx{c}, calledOff(ctx, err)
}

// liteTx is the transaction of a connection. Its end is not called off: half an end would be none.
type liteTx struct{ c *liteConn }

func (t liteTx) Commit() error {
	s, err := t.c.prepared("COMMIT")
	if err == nil {
		err = s.run(nil)
	}
	if err != nil && t.c.InTransaction() {
		_ = t.Rollback() // database/sql takes the connection for one without a transaction now
	}
	return err
}

func (t liteTx) Rollback() error {
	s, err := t.c.prepared("ROLLBACK")
	if err == nil {
		err = s.run(nil)
	}
	return err
}

// Ping asks the database for a sign of life.
func (c *liteConn) Ping(ctx context.Context) error {
	_, err := c.ExecContext(ctx, "SELECT 1", nil)
	return err
}

// IsValid refuses a connection on which somebody left a transaction behind.
func (c *liteConn) IsValid() bool { return !c.InTransaction() }

// Close ends the connection and what it has kept.
func (c *liteConn) Close() error {
	for query, s := range c.kept {
		_ = s.Close() // the connection goes anyway
		delete(c.kept, query)
	}
	return c.Conn.Close()
}

// values makes arguments of what database/sql hands in, in a slice that the next call uses again.
func (c *liteConn) values(in []driver.NamedValue) []any {
	c.args = c.args[:0]
	for _, a := range in {
		c.args = append(c.args, a.Value)
	}
	return c.args
}

// readLite hands every row of query to scan, on a connection of db.
func readLite(ctx context.Context, db *sql.DB, scan func(row) error, query string, args []any) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close() // back to the pool
	return conn.Raw(func(c any) error { return c.(*liteConn).each(ctx, scan, query, args) })
}

func (c *liteConn) each(ctx context.Context, scan func(row) error, query string, args []any) error {
	s, err := c.stmt(query)
	if err != nil {
		return err
	}
	s.busy = true
	defer s.end()
	c.args = c.args[:0]
	for _, a := range args {
		switch a.(type) {
		case string, int64, int, []byte, nil:
		default:
			if a, err = driver.DefaultParameterConverter.ConvertValue(a); err != nil {
				return err
			}
		}
		c.args = append(c.args, a)
	}
	defer c.CallOff(ctx)()
	if err := s.begin(c.args); err != nil {
		return err
	}
	for {
		more, err := s.Step()
		if err != nil || !more {
			return calledOff(ctx, err)
		}
		if err := scan(s); err != nil {
			return err
		}
	}
}

// exec runs a statement of the committer's own, which knows what it means for the rooms in mind.
func (c *liteConn) exec(query string, args ...any) error {
	s, err := c.stmt(query)
	if err != nil {
		return err
	}
	defer s.end()
	if err = s.Bind(args); err == nil {
		_, err = s.Step()
	}
	return err
}

// row reads one row into dest; false when there is none.
func (c *liteConn) row(dest []any, query string, args ...any) (bool, error) {
	s, err := c.stmt(query)
	if err != nil {
		return false, err
	}
	defer s.end()
	if err := s.Bind(args); err != nil {
		return false, err
	}
	found, err := s.Step()
	for i := range dest {
		if found {
			dest[i] = s.Value(i)
		}
	}
	return found, err
}
