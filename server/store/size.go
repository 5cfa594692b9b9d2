package store

import "context"

// Size is how much is kept: the tables with their indexes as the database counts them, and the files that are not
// expired, each upload by itself. Database names the product that keeps the tables.
type Size struct {
	Database      string
	Tables, Files int64 // bytes
}

// Size measures what is kept. It reads the row of every file: not for a busy path.
func (s *Store) Size(ctx context.Context) (Size, error) {
	var z Size
	if err := s.read.QueryRowContext(ctx, s.d.sized()).Scan(&z.Database, &z.Tables); err != nil {
		return z, s.d.translate(err)
	}
	err := s.read.QueryRowContext(ctx, "SELECT COALESCE(SUM(SIZE),0) FROM S_FILE_TBL WHERE STATE IN ('o','w','u')").Scan(&z.Files)
	return z, s.d.translate(err)
}

func (*lite) sized() string {
	return "SELECT 'SQLite ' || sqlite_version(), page_count*page_size FROM pragma_page_count, pragma_page_size"
}

func (maria) sized() string {
	return `SELECT CONCAT(CASE WHEN VERSION() LIKE '%MariaDB%' THEN 'MariaDB ' ELSE 'MySQL ' END, SUBSTRING_INDEX(VERSION(),'-',1)),
 COALESCE(SUM(DATA_LENGTH+INDEX_LENGTH),0) FROM information_schema.TABLES WHERE TABLE_SCHEMA=DATABASE()`
}
