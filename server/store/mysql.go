package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
)

// maria is MySQL 8 or MariaDB 10.6 and later.
type maria struct{}

func (s *Store) openMySQL(ctx context.Context, dsn string) error {
	s.d = maria{}
	u, err := url.Parse(dsn)
	if err != nil || u.Host == "" || strings.Trim(u.Path, "/") == "" {
		return errors.New("the database address is not of the form mysql://user:password@host:3306/schema")
	}
	c := mysql.NewConfig()
	c.User = u.User.Username()
	c.Passwd, _ = u.User.Password()
	c.Net, c.Addr = "tcp", u.Host
	if u.Port() == "" {
		c.Addr = net.JoinHostPort(u.Hostname(), "3306")
	}
	c.DBName = strings.Trim(u.Path, "/")
	c.Collation = "utf8mb4_bin"
	c.InterpolateParams = true
	c.ClientFoundRows = true
	c.MaxAllowedPacket = 0
	c.Logger = &mysql.NopLogger{}
	c.Timeout, c.ReadTimeout, c.WriteTimeout = 10*time.Second, 60*time.Second, 30*time.Second
	c.Params = map[string]string{"time_zone": "'+00:00'", "sql_mode": "'STRICT_TRANS_TABLES,NO_BACKSLASH_ESCAPES'"}
	connector, err := mysql.NewConnector(c)
	if err != nil {
		return fmt.Errorf("the database address: %w", err)
	}
	open := func(n int) *sql.DB {
		db := sql.OpenDB(connector)
		db.SetMaxOpenConns(n)
		db.SetMaxIdleConns(n)
		db.SetConnMaxIdleTime(5 * time.Minute)
		return db
	}
	s.write, s.read = open(2), open(8)
	if err := s.write.PingContext(ctx); err != nil {
		s.closeAll()
		// The driver's text names user and host, never the password.
		return fmt.Errorf("the database at %s does not answer: %w", c.Addr, err)
	}
	var flush string
	if err := s.write.QueryRowContext(ctx, "SELECT @@innodb_flush_log_at_trx_commit").Scan(&flush); err == nil && flush != "1" {
		s.log.Warn("a power cut may cost the database acknowledged messages", "innodb_flush_log_at_trx_commit", flush)
	}
	return nil
}

func (maria) name() string     { return "mysql" }
func (maria) lockRows() string { return " FOR UPDATE" }
func (maria) nowMS() string    { return "CAST(UNIX_TIMESTAMP(NOW(3))*1000 AS SIGNED)" }

func (maria) insertIgnore() string { return "INSERT IGNORE" }

func (maria) inOrder() string { return " STRAIGHT_JOIN " }

// atPlaces names the index: left alone, MariaDB reads much of the table for a long list, and it has no
// range for a list of pairs.
func (maria) atPlaces(n int) string {
	const one = "ROOMID=? AND USERID=?"
	return " FORCE INDEX (A_ROOMDTL_IDX0) WHERE (" + one + strings.Repeat(" OR "+one, n-1) + ")"
}

func (maria) upsert(_ string, cols ...string) string {
	set := make([]string, len(cols))
	for i, c := range cols {
		set[i] = c + "=VALUES(" + c + ")"
	}
	return " ON DUPLICATE KEY UPDATE " + strings.Join(set, ",")
}

func (maria) translate(err error) error {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*mysql.MySQLError](err); ok {
		switch e.Number {
		case 1021, 1114: // disk full, table full
			return fmt.Errorf("%w: %w", ErrFull, err)
		case 1040, 1053, 1205, 1213, 1290, 3024:
			return fmt.Errorf("%w: %w", ErrUnavailable, err)
		}
		return err
	}
	if _, ok := errors.AsType[net.Error](err); ok || errors.Is(err, driver.ErrBadConn) || errors.Is(err, mysql.ErrInvalidConn) {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return err
}

func (maria) double(err error) bool {
	e, ok := errors.AsType[*mysql.MySQLError](err)
	return ok && e.Number == 1062
}

// again also holds for a double key: what another server stored between our look and our writing is found
// by the next look, which then answers as it does to everybody who comes second.
func (d maria) again(err error) bool {
	if e, ok := errors.AsType[*mysql.MySQLError](err); ok {
		return e.Number == 1205 || e.Number == 1213 || e.Number == 1020 || d.double(err)
	}
	return errors.Is(err, driver.ErrBadConn) || errors.Is(err, mysql.ErrInvalidConn) || errors.Is(err, errTwice)
}

func (maria) columns(ctx context.Context, q queryer, table string) (map[string]bool, error) {
	return names(ctx, q, "SELECT COLUMN_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA=DATABASE() AND TABLE_NAME=?", table)
}

func (maria) indexes(ctx context.Context, q queryer, table string) (map[string]bool, error) {
	return names(ctx, q, "SELECT DISTINCT INDEX_NAME FROM information_schema.STATISTICS WHERE TABLE_SCHEMA=DATABASE() AND TABLE_NAME=?", table)
}

func (maria) dropIndex(table, index string) string { return "DROP INDEX " + index + " ON " + table }

func (maria) ddl(statement string) string {
	if strings.HasPrefix(statement, "CREATE TABLE") {
		return strings.TrimRight(statement, " ;") + " DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin ENGINE=InnoDB"
	}
	// 1,000 characters of utf8mb4 are more than an InnoDB key holds.
	return strings.Replace(statement, "A_ROOMMEM_TBL (MEMBERS)", "A_ROOMMEM_TBL (MEMBERS(191))", 1)
}

func (maria) lockSchema(ctx context.Context, c *sql.Conn) (func(), error) {
	var got sql.NullInt64
	if err := c.QueryRowContext(ctx, "SELECT GET_LOCK(CONCAT('sendjay-schema-', DATABASE()), 120)").Scan(&got); err != nil {
		return nil, err
	}
	if got.Int64 != 1 {
		return nil, fmt.Errorf("%w: another server is changing the tables", ErrUnavailable)
	}
	return func() {
		_, _ = c.ExecContext(context.WithoutCancel(ctx), "SELECT RELEASE_LOCK(CONCAT('sendjay-schema-', DATABASE()))")
	}, nil
}

func (maria) background(*Store) {}
func (maria) atClose(s *Store) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	_, _ = s.write.ExecContext(ctx, "DELETE FROM S_COMMIT_TBL WHERE NODE=? OR ATMS<?", s.name, s.now().Add(-7*24*time.Hour).UnixMilli())
}

func (maria) grown(*Store, int) {}

func (maria) countCommit(ctx context.Context, tx *sql.Tx, s *Store, n int64) error {
	_, err := tx.ExecContext(ctx, "INSERT INTO S_COMMIT_TBL (NODE, COMMITS, ATMS) VALUES (?,?,?) ON DUPLICATE KEY UPDATE COMMITS=VALUES(COMMITS), ATMS=VALUES(ATMS)",
		s.name, n, s.now().UnixMilli())
	return err
}

// committed locks the row, and so waits for a commit that is still under way on the lost connection.
func (d maria) committed(s *Store, n int64) (bool, error) {
	var err error
	for try := range attempts {
		if try > 0 {
			time.Sleep(time.Duration(try*try) * 50 * time.Millisecond)
		}
		var at int64
		ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
		err = s.write.QueryRowContext(ctx, "SELECT COMMITS FROM S_COMMIT_TBL WHERE NODE=? FOR UPDATE", s.name).Scan(&at)
		cancel()
		if err == nil || errors.Is(err, sql.ErrNoRows) {
			return at == n, nil
		}
		if !d.again(err) {
			break
		}
	}
	return false, err
}

func (maria) snapshot() *sql.TxOptions {
	return &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead}
}

// begin locks no gaps: the committer locks the rows that it changes by name.
func (maria) begin(s *Store) (context.Context, *sql.Tx, func(bool), error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	tx, err := s.write.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelReadCommitted})
	if err != nil {
		cancel()
	}
	return ctx, tx, func(bool) { cancel() }, err
}
