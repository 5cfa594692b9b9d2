package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"runtime/debug"
	"time"

	"sendjay/server/auth"
	"sendjay/server/config"
	"sendjay/server/node"
	"sendjay/server/store"
	"sendjay/shared/protocol"
	"sendjay/shared/resident"
)

// drainTime bounds a stop: the promise is to be gone within 15 seconds.
const drainTime = 10 * time.Second

func logger(c config.Config, w io.Writer) *slog.Logger {
	o := &slog.HandlerOptions{Level: c.LogLevel}
	if c.LogJSON {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}

func openStore(ctx context.Context, c config.Config, log *slog.Logger) (*store.Store, error) {
	s, err := store.Open(ctx, store.Config{DSN: c.Database, Dir: c.Data, Log: log.With("part", "store"), LegacyPassword: auth.Legacy(c.LegacyKey)})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", where(c), plainly(err))
	}
	return s, nil
}

// where names the setting that says where the data is, without the password in it.
func where(c config.Config) string {
	if c.Database != "sqlite" {
		return "--database"
	}
	return "--data " + c.Data
}

// plainly says in a word what is wrong with a disk.
func plainly(err error) error {
	switch {
	case errors.Is(err, diskFull), errors.Is(err, store.ErrFull):
		return fmt.Errorf("no space left on the disk: %w", err)
	case errors.Is(err, diskNoWrite):
		return fmt.Errorf("the disk is read-only: %w", err)
	case errors.Is(err, os.ErrPermission):
		return fmt.Errorf("not allowed to write there: %w", err)
	}
	return err
}

func listen(ctx context.Context, address string) (net.Listener, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	switch {
	case err == nil:
		return l, nil
	case errors.Is(err, portTaken):
		return nil, fmt.Errorf("--listen %s: another program uses this port", address)
	case errors.Is(err, noSuchHost):
		return nil, fmt.Errorf("--listen %s: this computer does not have that address", address)
	case errors.Is(err, portBarred):
		return nil, fmt.Errorf("--listen %s: not allowed to use this port", address)
	}
	return nil, fmt.Errorf("--listen %s: %w", address, err)
}

// serve runs the server until ctx ends.
func serve(ctx context.Context, c config.Config, stdout, stderr io.Writer) error {
	log := logger(c, stderr)
	// The port first: a second server must not touch the data of the first.
	at, err := listen(ctx, c.Listen)
	if err != nil {
		return err
	}
	defer at.Close()
	db, err := openStore(ctx, c, log)
	if err != nil {
		return err
	}
	defer db.Close()
	if err := firstStart(ctx, c, db, stdout); err != nil {
		return plainly(err)
	}
	n, err := node.Start(ctx, c, db, at, log)
	if err != nil {
		return plainly(err)
	}
	fmt.Fprintf(stdout, "sendjay-server %s listening on http://%s\n", protocol.Version, at.Addr())
	debug.FreeOSMemory() // what opening the database took
	resident.TrimCode()
	select {
	case err = <-n.Failed():
	case <-ctx.Done():
	}
	drain, cancel := context.WithTimeout(context.Background(), drainTime)
	defer cancel()
	n.Stop(drain)
	return errors.Join(err, db.Close())
}

// firstStart fills an empty database: with a made-up company, or with one administrator whose one-time
// password is printed here and nowhere else.
func firstStart(ctx context.Context, c config.Config, db *store.Store, stdout io.Writer) error {
	empty, err := db.Empty(ctx)
	if err != nil {
		return err
	}
	if c.Demo {
		if !empty {
			return &usageError{"--demo: the database is not empty; start without --demo, or with another --data folder"}
		}
		return demo(ctx, db, stdout)
	}
	if !empty {
		return nil
	}
	password := rand.Text()[:16] // of 32 letters each: 80 bits
	if err := db.AddAccount(ctx, store.Account{
		User: protocol.User{ID: "admin", Name: "관리자", Admin: true}, PasswordHash: auth.HashMade(password), Active: true, MustChange: true,
	}); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "\nThe database is new. Sign in as\n    id        admin\n    password  %s\nThis password is shown this once and has to be changed at the first sign-in.\n\n", password)
	return nil
}
