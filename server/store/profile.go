package store

import (
	"context"
	"database/sql"
	"errors"

	"sendjay/shared/protocol"
)

// SetProfile keeps what user says of himself. Calls then once it is on disk.
func (s *Store) SetProfile(ctx context.Context, user protocol.UserID, p protocol.Profile, then func()) error {
	away := protocol.Absence{}
	if p.Absence != nil {
		away = *p.Absence
	}
	return s.do(ctx, func(ctx context.Context, tx *sql.Tx) error {
		if err := met(tx.ExecContext(ctx, "UPDATE Z_USER_TBL SET NICK_NM=?, JOB=?, TEL_NO=?, AB_CD=?, AB_NM=?, ABFROM=?, ABTO=?, ABOWN=?, MODR=?, MODDT=? WHERE USER_ID=?",
			string(p.Nick), string(p.Job), string(p.Phone), away.Code, away.Name, away.From, away.To, yes(p.Absence != nil),
			string(user), stampOf(protocol.At(s.now())), string(user))); err != nil {
			return err
		}
		return s.peopleChanged(ctx, tx)
	}, then)
}

// SetPicture keeps user's picture under a version; without bytes there is none any more.
func (s *Store) SetPicture(ctx context.Context, user protocol.UserID, picture []byte, kind, version string) error {
	return s.do(ctx, func(ctx context.Context, tx *sql.Tx) error {
		if err := met(tx.ExecContext(ctx, "UPDATE Z_USER_TBL SET PICTURE=?, MIMETYPE=?, PICVER=?, MODR=?, MODDT=? WHERE USER_ID=?",
			picture, kind, version, string(user), stampOf(protocol.At(s.now())), string(user))); err != nil {
			return err
		}
		return s.peopleChanged(ctx, tx)
	}, nil)
}

// Picture returns user's picture and its kind, ErrNoUser when there is none.
func (s *Store) Picture(ctx context.Context, user protocol.UserID) ([]byte, string, error) {
	var picture []byte
	var kind string
	err := s.read.QueryRowContext(ctx, "SELECT PICTURE, MIMETYPE FROM Z_USER_TBL WHERE USER_ID=?", string(user)).Scan(&picture, &kind)
	if errors.Is(err, sql.ErrNoRows) || err == nil && len(picture) == 0 {
		return nil, "", ErrNoUser
	}
	return picture, kind, s.d.translate(err)
}
