package store

import (
	"database/sql"
	"fmt"
	"reflect"
	"strconv"

	"sendjay/server/store/sqlite"
	"sendjay/shared/protocol"
)

// Scan sets dest from the columns of the row, with the rules of database/sql as far as this package needs them.
func (s *liteStmt) Scan(dest ...any) error {
	if n := len(s.Columns()); n != len(dest) {
		return fmt.Errorf("%d columns for %d places", n, len(dest))
	}
	for i, d := range dest {
		if err := s.scan(i, d); err != nil {
			return fmt.Errorf("column %s: %w", s.Columns()[i], err)
		}
	}
	return nil
}

func (s *liteStmt) scan(i int, dest any) error {
	kind := s.Kind(i)
	switch d := dest.(type) {
	case *string:
		if kind == sqlite.Text {
			*d = s.Text(i)
			return nil
		}
	case *int64:
		if kind == sqlite.Integer {
			*d = s.Int(i)
			return nil
		}
	// Of our own types those that stand in every list; the others go through reflection.
	case *protocol.RoomID:
		if kind == sqlite.Text {
			*d = protocol.RoomID(s.Text(i))
			return nil
		}
	case *protocol.UserID:
		if kind == sqlite.Text {
			*d = protocol.UserID(s.Text(i))
			return nil
		}
	case *protocol.Seq:
		if kind == sqlite.Integer {
			*d = protocol.Seq(s.Int(i))
			return nil
		}
	case *protocol.Rev:
		if kind == sqlite.Integer {
			*d = protocol.Rev(s.Int(i))
			return nil
		}
	case *int:
		if kind == sqlite.Integer {
			*d = int(s.Int(i))
			return nil
		}
	case *sql.NullString:
		if kind == sqlite.Text {
			*d = sql.NullString{String: s.Text(i), Valid: true}
			return nil
		}
	case *sql.NullInt64:
		if kind == sqlite.Integer {
			*d = sql.NullInt64{Int64: s.Int(i), Valid: true}
			return nil
		}
	case *[]byte:
		*d = nil
		if kind != sqlite.Null {
			*d = s.Bytes(i)
		}
		return nil
	}
	if d, ok := dest.(sql.Scanner); ok {
		return d.Scan(s.Value(i))
	}
	to := reflect.ValueOf(dest)
	if to.Kind() != reflect.Pointer {
		return fmt.Errorf("a %T cannot be set", dest)
	}
	return s.set(to.Elem(), i, kind)
}

// set sets a value of one of our own types. SQLite keeps in a column what was put there, of whatever kind, so that
// numbers are read from texts and the other way round.
func (s *liteStmt) set(to reflect.Value, i int, kind sqlite.Kind) error {
	switch to.Kind() {
	case reflect.String:
		switch kind {
		case sqlite.Text:
			to.SetString(s.Text(i))
			return nil
		case sqlite.Blob:
			to.SetString(string(s.Bytes(i)))
			return nil
		case sqlite.Integer:
			to.SetString(strconv.FormatInt(s.Int(i), 10))
			return nil
		case sqlite.Float:
			to.SetString(strconv.FormatFloat(s.Float(i), 'g', -1, 64))
			return nil
		}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		n, err := s.number(i, kind)
		if err != nil {
			return err
		}
		if to.OverflowInt(n) {
			return fmt.Errorf("%d is too much for a %s", n, to.Type())
		}
		to.SetInt(n)
		return nil
	case reflect.Bool:
		n, err := s.number(i, kind)
		if err == nil && n != 0 && n != 1 {
			err = fmt.Errorf("%d is neither true nor false", n)
		}
		to.SetBool(n == 1)
		return err
	case reflect.Float64:
		if kind == sqlite.Float || kind == sqlite.Integer {
			to.SetFloat(s.Float(i))
			return nil
		}
	case reflect.Slice:
		if to.Type().Elem().Kind() == reflect.Uint8 {
			to.SetBytes(nil)
			if kind != sqlite.Null {
				to.SetBytes(s.Bytes(i))
			}
			return nil
		}
	}
	return fmt.Errorf("%v cannot be a %s", s.Value(i), to.Type())
}

func (s *liteStmt) number(i int, kind sqlite.Kind) (int64, error) {
	switch kind {
	case sqlite.Integer:
		return s.Int(i), nil
	case sqlite.Text:
		return strconv.ParseInt(s.Text(i), 10, 64)
	}
	return 0, fmt.Errorf("%v is no whole number", s.Value(i))
}
