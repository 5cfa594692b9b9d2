package store

import (
	"context"
	"database/sql"
	"errors"
)

// ErrInhabited says that somebody is in a unit.
var ErrInhabited = errors.New("there are people in it")

// ChangeOrgs changes the organisation: f gets it and returns what it is to be. People follow the names of their units;
// a unit that somebody is in does not go. Two who change it do so one after the other, and f may be called again.
func (s *Store) ChangeOrgs(ctx context.Context, by Act, f func([]OrgRow) ([]OrgRow, error)) error {
	return s.do(ctx, func(ctx context.Context, tx *sql.Tx) error {
		if _, err := s.count(ctx, tx, "orgs"); err != nil { // which waits for whoever changes it too
			return err
		}
		was, err := orgRows(ctx, tx)
		if err != nil {
			return err
		}
		next, err := f(was)
		if err != nil {
			return err
		}
		gone := map[string]string{}
		for _, o := range was {
			gone[o.Code] = o.Name
		}
		for _, o := range next {
			if name, ok := gone[o.Code]; ok && name != o.Name {
				if _, err := tx.ExecContext(ctx, "UPDATE Z_USER_TBL SET ORG_NM=? WHERE ORG_CD=?", o.Name, o.Code); err != nil {
					return err
				}
			}
			delete(gone, o.Code)
		}
		for code := range gone {
			for _, who := range []string{"SELECT COUNT(*) FROM Z_USER_TBL WHERE ORG_CD=? AND ACTIVE='Y'", "SELECT COUNT(*) FROM S_POST_TBL WHERE ORG_CD=?"} {
				var n int
				if err := tx.QueryRowContext(ctx, who, code).Scan(&n); err != nil {
					return err
				}
				if n > 0 {
					return ErrInhabited
				}
			}
		}
		return errors.Join(replaceOrgs(ctx, tx, next), s.peopleChanged(ctx, tx), s.audit(ctx, tx, by))
	}, nil)
}

// OrgUnits returns the organisation in its order.
func (s *Store) OrgUnits(ctx context.Context) ([]OrgRow, error) {
	rows, err := orgRows(ctx, s.read)
	return rows, s.d.translate(err)
}
