package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"sendjay/server/api"
	"sendjay/server/auth"
	"sendjay/server/chat"
	"sendjay/server/command"
	"sendjay/server/config"
	"sendjay/server/fanout"
	"sendjay/server/jobs"
	"sendjay/server/session"
	"sendjay/server/socket"
	"sendjay/server/store"
	"sendjay/shared/locale"
	"sendjay/shared/protocol"
	"sendjay/webui"
)

// drainTime bounds a stop: the promise is to be gone within 15 seconds.
const drainTime = 12 * time.Second

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
		return nil, plainly(err)
	}
	return s, nil
}

// plainly says in a sentence what a person can do about an error of the system.
func plainly(err error) error {
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, store.ErrFull):
		return fmt.Errorf("there is no space left on the disk: %w", err)
	case errors.Is(err, syscall.EROFS):
		return fmt.Errorf("the disk is read-only: %w", err)
	}
	return err
}

// serve runs the server until ctx ends.
func serve(ctx context.Context, c config.Config, stdout, stderr io.Writer) error {
	log := logger(c, stderr)
	// The port first: a second server must not touch the data of the first.
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.Listen)
	if err != nil {
		if errors.Is(err, syscall.EADDRINUSE) {
			return fmt.Errorf("--listen: %s is in use by another program", c.Listen)
		}
		return fmt.Errorf("--listen: %w", err)
	}
	defer listener.Close()
	db, err := openStore(ctx, c, log)
	if err != nil {
		return err
	}
	defer db.Close()
	if err := firstStart(ctx, c, db, stdout); err != nil {
		return err
	}

	sessions := session.NewRegistry(session.Config{PerKind: c.PerKind, Log: log})
	doors, err := auth.New(ctx, auth.Config{
		Store: db, AccessLife: c.AccessLife, RefreshLife: c.RefreshLife, Log: log.With("part", "auth"),
		Ended: sessions.EndSignIn,
	})
	if err != nil {
		return err
	}
	out := fanout.New(fanout.Config{Sessions: sessions, Members: db.Members, Log: log})
	talk := chat.New(chat.Config{Store: db, Out: out, CancelWindow: c.CancelWindow})
	commands := command.New(command.Config{
		Chat: talk, Sessions: sessions, Unlimited: !c.RateLimits, Log: log,
		Say: func(lang string, code protocol.Code) string { return locale.Of(lang).Say("error." + string(code)) },
	})
	var web *api.API
	sockets := socket.New(socket.Config{
		Auth: func(r *http.Request) (socket.Caller, error) {
			who, cookie, err := web.Who(r)
			return socket.Caller{
				Who:    session.Who{User: who.User, Device: who.Device, SignIn: who.SignIn, Address: web.Address(r), Agent: r.UserAgent()},
				Cookie: cookie, Lang: api.Lang(r),
			}, err
		},
		Commands: commands, Sessions: sessions, Origins: c.Origins, Log: log,
		Server: protocol.Server{Version: protocol.Version, Node: rand.Text()[:8], UI: webui.Build()},
	})
	set := counters(sessions, sockets)
	web, err = api.New(api.Config{
		Auth: doors, Chat: talk, Commands: commands, People: db, Socket: sockets, UI: webui.Handler(),
		Ready: func(ctx context.Context) map[string]string {
			ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
			defer cancel()
			missing := map[string]string{}
			if err := db.Ping(ctx); err != nil {
				log.Warn("not ready", "part", "database", "err", err)
				missing["database"] = "does not answer"
			}
			return missing
		},
		Metrics:     func(w http.ResponseWriter, _ *http.Request) { set.WritePrometheus(w); metrics.WriteProcessMetrics(w) },
		MetricsOpen: c.Metrics, Proxies: c.Proxies, Origins: c.Origins, Unlimited: !c.RateLimits, Log: log.With("part", "api"),
	})
	if err != nil {
		return err
	}
	cleaning := jobs.Start(jobs.Config{Forget: db.ForgetSignIns, Log: log})

	server := &http.Server{
		Handler: web, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 60 * time.Second, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 16 << 10, ErrorLog: slog.NewLogLogger(log.With("part", "http").Handler(), slog.LevelDebug),
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	fmt.Fprintf(stdout, "sendjay-server %s listening on http://%s\n", protocol.Version, listener.Addr())
	debug.FreeOSMemory()

	select {
	case err = <-failed:
	case <-ctx.Done():
		log.Info("stopping", "sessions", sessions.Count())
	}
	drain, cancel := context.WithTimeout(context.Background(), drainTime)
	defer cancel()
	sockets.Shutdown(drain)
	if e := server.Shutdown(drain); e != nil && err == nil {
		_ = server.Close()
	}
	cleaning.Stop()
	talk.Close()
	out.Close()
	return errors.Join(ignoreClosed(err), db.Close())
}

func ignoreClosed(err error) error {
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// counters is what /metrics shows of our own parts.
func counters(sessions *session.Registry, sockets *socket.Server) *metrics.Set {
	set := metrics.NewSet()
	set.NewGauge("sendjay_sessions", func() float64 { return float64(sessions.Count()) })
	set.NewGauge("sendjay_sockets_open", func() float64 { return float64(sockets.Stats().Open) })
	set.NewGauge("sendjay_sockets_slow_total", func() float64 { return float64(sockets.Stats().Slow) })
	set.NewGauge("sendjay_sockets_silent_total", func() float64 { return float64(sockets.Stats().Silent) })
	set.NewGauge("sendjay_bad_frames_total", func() float64 { return float64(sockets.Stats().BadFrames) })
	return set
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
	password := rand.Text()[:16]
	if err := db.AddAccount(ctx, store.Account{
		User: protocol.User{ID: "admin", Name: "관리자", Admin: true}, PasswordHash: auth.Hash(password), Active: true, MustChange: true,
	}); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "\nThe database is new. Sign in as\n    id        admin\n    password  %s\nThis password is shown this once and has to be changed at the first sign-in.\n\n", password)
	if f, ok := stdout.(*os.File); ok {
		_ = f.Sync()
	}
	return nil
}
