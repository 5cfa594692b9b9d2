// Package node puts the parts of one server together and takes them apart again, in the right order.
// It knows the parts by name; it does not know the command line, and no rule of theirs.
package node

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"sync/atomic"
	"time"

	"sendjay/server/api"
	"sendjay/server/auth"
	"sendjay/server/blob"
	"sendjay/server/bus"
	"sendjay/server/chat"
	"sendjay/server/command"
	"sendjay/server/config"
	"sendjay/server/directory"
	"sendjay/server/fanout"
	"sendjay/server/feed"
	"sendjay/server/files"
	"sendjay/server/files/preview"
	"sendjay/server/jobs"
	"sendjay/server/journal"
	"sendjay/server/limits"
	"sendjay/server/offer"
	"sendjay/server/session"
	"sendjay/server/socket"
	"sendjay/server/store"
	"sendjay/shared/locale"
	"sendjay/shared/protocol"
	"sendjay/webui"
)

// Node is one running server.
type Node struct {
	// Auth signs people in.
	Auth *auth.Auth

	name     string
	since    protocol.Instant
	db       *store.Store
	blobs    blob.Store
	files    *files.Files
	cards    *files.Cards
	log      *slog.Logger
	sessions *session.Registry
	out      *fanout.Fanout
	talk     *chat.Chat
	sockets  *socket.Server
	http     *http.Server
	jobs     *jobs.Jobs
	limits   *limits.Limits
	journal  *journal.Journal
	people   *directory.Directory
	previews atomic.Bool
	hello    atomic.Pointer[protocol.Server]
	feeds    *feed.Clock
	bus      *bus.Redis // nil for a node alone
	offers   *offer.Offers
	updates  string   // their folder
	folders  []string // what is kept on this machine
	offered  string   // the stamp of what the devices were told of
	noticed  string   // the id of what the command line announced last
	failed   chan error
}

// Start starts a server on an open database and an open port; it takes over the port, not the database.
func Start(ctx context.Context, c config.Config, db *store.Store, at net.Listener, log *slog.Logger) (*Node, error) {
	n := &Node{since: protocol.At(time.Now()), db: db, log: log, failed: make(chan error, 1), offers: offer.New(c.Updates, c.UpdateKeys), updates: c.Updates, people: directory.New(db)}
	n.offered = n.offers.Stamp()
	var err error
	if n.limits, err = limits.New(ctx, db, c, n.retune); err != nil {
		return nil, err
	}
	c = n.limits.Now()
	name := rand.Text()[:8]
	if c.Redis != "" {
		if n.bus, err = bus.Open(c.Redis, log); err != nil {
			return nil, fmt.Errorf("--redis: %w", err)
		}
		name = n.bus.Self()
	}
	n.name = name
	n.folders = []string{c.Data, c.Files}
	n.sessions = session.NewRegistry(n.sessionConfig(c))
	n.blobs, err = blob.Open(ctx, blob.Config{Where: c.Files, Key: c.FilesKey, Secret: c.FilesSecret, Log: log.With("part", "blob")})
	if err != nil {
		return nil, fmt.Errorf("--files: %w", err)
	}
	n.files = files.New(files.Config{
		Store: db, Blobs: n.blobs, Allowed: c.FileKinds, Blocked: c.FileBlocked, Scanner: c.Clamd, Workers: runtime.GOMAXPROCS(0) / 2, Small: smallPictures(), Log: log.With("part", "files"),
	})
	n.journal = journal.Start(db, log)
	company, err := OpenDirectory(c, log)
	if err != nil {
		return nil, err
	}
	tickets, err := openKerberos(c, log)
	if err != nil {
		return nil, err
	}
	n.Auth, err = auth.New(ctx, auth.Config{
		OIDC: openID(c), Kerberos: tickets,
		Store: db, AccessLife: c.AccessLife, RefreshLife: c.RefreshLife, Log: log.With("part", "auth"), Ended: n.sessions.EndSignIn, EndedAll: n.sessions.EndUser,
		Guessed: n.guessed, Nodes: n.apart, AdminPasswords: c.SignIn.AdminPasswords, Noted: n.journal.Note, Directory: judge(company), Local: localFor(c.LocalPasswords),
		Portal: auth.Portal{Keys: c.SignIn.PortalKeys, Issuer: c.SignIn.PortalIssuer, Audience: c.SignIn.PortalAudience, Skew: c.SignIn.PortalSkew, Life: c.SignIn.PortalLife},
	})
	if err != nil {
		return nil, err
	}
	n.feeds = n.clock(company, log)
	n.out = fanout.New(n.fanoutConfig())
	n.cards = &files.Cards{
		Store: db, Blobs: n.blobs, Small: smallPictures(), Fetch: &preview.Fetcher{Allow: c.PreviewAllow, Deny: c.PreviewDeny, Inside: c.PreviewInside}, Log: log.With("part", "cards"),
		Show: func(ctx context.Context, room protocol.RoomID, id protocol.MessageID, card protocol.PreviewID) error {
			return n.talk.ShowPreview(ctx, room, id, card)
		},
	}
	n.cards.Start()
	n.talk = chat.New(chat.Config{Store: db, Out: n.out, Sent: func(room protocol.RoomID, id protocol.MessageID, body string) {
		if n.previews.Load() {
			n.cards.Sent(room, id, body)
		}
	}, Link: func(text string) string {
		if n.previews.Load() {
			return preview.Link(text)
		}
		return ""
	}})
	commands := command.New(command.Config{
		Chat: n.talk, Sessions: n.sessions, Unlimited: !c.RateLimits, Log: log,
		Say: func(lang string, code protocol.Code) string { return locale.Of(lang).Say("error." + string(code)) },
	})
	var web *api.API
	n.sockets = socket.New(socket.Config{
		Auth:     func(r *http.Request) (socket.Caller, error) { return caller(web, r) },
		Commands: commands, Sessions: n.sessions, Origins: c.Origins, Log: log,
		Spend:  func(signIn string) bool { return web.Spend(signIn) },
		Server: func() protocol.Server { return *n.hello.Load() },
	})
	db.Passed(n.talk.Passed)
	db.Stood(n.talk.Stood)
	n.tune(c)
	public := ""
	if c.Public != nil && c.Public.Scheme == "https" {
		public = c.Public.Host
	}
	web, err = api.New(api.Config{
		Auth: n.Auth, Chat: n.talk, Commands: commands, Files: n.files, Cards: n.cards, Socket: n.sockets, Polling: n.sockets.Polling(), UI: webui.HandlerFor(c.SignIn.PortalOrigins...),
		People: n.people, Desk: db, Feeds: n.feeds, Health: n.health, Limits: n.limits, Offers: n.offers,
		Ready: n.missing, Metrics: n.metrics(), MetricsOpen: c.Metrics,
		Proxies: c.Proxies, Origins: c.Origins, PortalOrigins: c.SignIn.PortalOrigins, Public: public, Unlimited: !c.RateLimits, Transcripts: c.Transcripts, Log: log.With("part", "api"),
	})
	if err != nil {
		n.quiet()
		return nil, err
	}
	n.http = &http.Server{
		Handler: web, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, WriteTimeout: 2 * time.Minute, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: headerBytes(c), ErrorLog: slog.NewLogLogger(log.With("part", "http").Handler(), slog.LevelDebug),
	}
	n.jobs = jobs.Start(log, n.lease(), n.cleaning()...)
	n.listen()
	go func() { n.failed <- n.http.Serve(at) }()
	return n, nil
}

// callbackPath is where the OpenID provider sends people back to.
const callbackPath = "/api/v1/auth/oidc/callback"

func openID(c config.Config) auth.OIDC {
	s := c.SignIn
	if s.OIDCIssuer == "" {
		return auth.OIDC{}
	}
	return auth.OIDC{
		Issuer: s.OIDCIssuer, Client: s.OIDCClient, Secret: s.OIDCSecret, Claim: s.OIDCClaim, Scopes: s.OIDCScopes,
		Return: c.Public.String() + callbackPath, Home: c.Public.String() + "/", Create: s.OIDCCreate, SignOut: s.OIDCSignOut,
		Label: protocol.ButtonLabel{Ko: s.OIDCLabelKo, En: s.OIDCLabelEn},
	}
}

func caller(web *api.API, r *http.Request) (socket.Caller, error) {
	who, cookie, err := web.Who(r)
	if err == nil {
		err = api.Settled(who)
	}
	return socket.Caller{
		Who:    session.Who{User: who.User, Device: who.Device, SignIn: who.SignIn, Address: web.Address(r), Agent: r.UserAgent()},
		Cookie: cookie, Lang: api.Lang(r),
	}, err
}

// Failed delivers what made the server stop serving by itself.
func (n *Node) Failed() <-chan error { return n.failed }

// Stop asks every session to come back later, answers what was asked, and returns when all is quiet, at the
// latest a little after ctx ends.
func (n *Node) Stop(ctx context.Context) {
	n.log.Info("stopping", "sessions", n.sessions.Count())
	n.sockets.Shutdown(ctx)
	if err := n.http.Shutdown(ctx); err != nil && !errors.Is(err, http.ErrServerClosed) {
		_ = n.http.Close() // whoever asks that slowly has had his time
	}
	n.jobs.Stop()
	n.quiet()
}

// quiet says the last things that wait.
func (n *Node) quiet() {
	n.files.Stop()
	n.cards.Stop()
	n.talk.Close()
	n.out.Close()
	n.sessions.Quit()
	n.journal.Stop()
	if n.bus != nil {
		n.bus.Close()
	}
	_ = n.blobs.Close()
}

// unready says what is amiss with something that is written to.
func unready(full bool, otherwise string) string {
	if full {
		return "no room left on the disk"
	}
	return otherwise
}

// missing names what the server cannot work without and does not have.
func (n *Node) missing(ctx context.Context) map[string]string {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	missing := map[string]string{}
	if err := n.db.Ping(ctx); err != nil {
		n.log.Warn("not ready", "part", "database", "err", err)
		missing["database"] = unready(errors.Is(err, store.ErrFull), "does not answer, or cannot be written")
	}
	if err := n.blobs.Ping(ctx); err != nil {
		n.log.Warn("not ready", "part", "files", "err", err)
		missing["files"] = unready(errors.Is(err, blob.ErrFull), "do not answer, or cannot be written")
	}
	if n.bus != nil {
		soon, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		if err := n.bus.Ping(soon); err != nil {
			n.log.Warn("not ready", "part", "redis", "err", err)
			missing["redis"] = "does not answer"
		}
	}
	return missing
}
