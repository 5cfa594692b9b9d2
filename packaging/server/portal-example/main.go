// Command portal-example is a company portal in miniature, for whoever has to teach a real one to sign people in to
// Sendjay: it signs tickets and has the messenger's script in its page.
// It knows how a ticket is made; it does not know who its visitors really are. Anybody may choose a name here, so
// it belongs on a machine for trying things out and nowhere else.
//
//	go run ./packaging/server/portal-example --messenger http://127.0.0.1:8080 --key first.pem
package main

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	_ "embed"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"html/template"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

//go:embed page.html
var pageText string

var page = template.Must(template.New("page").Parse(pageText))

const (
	visitorCookie = "example_visitor"
	ticketLife    = time.Minute
)

// portal is what the handlers need.
type portal struct {
	messenger        string // its origin
	issuer, audience string
	keyID            string
	key              crypto.Signer
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "portal-example:", err)
		os.Exit(1)
	}
}

func run() error {
	listen := flag.String("listen", "127.0.0.1:8090", "address and port of this portal")
	messenger := flag.String("messenger", "http://127.0.0.1:8080", "address of the messenger, as browsers know it")
	keys := flag.String("keys", "portal-keys", "folder that the messenger reads (--portal-keys): the public key is laid there")
	private := flag.String("key", "portal-private.pem", "the private key, made when there is none; its name is the key's id")
	issuer := flag.String("issuer", "portal", "as the messenger's --portal-issuer")
	audience := flag.String("audience", "sendjay", "as the messenger's --portal-audience")
	makeKey := flag.Bool("make-key", false, "only make the keys, so that the messenger can be started")
	flag.Parse()
	at, err := url.Parse(*messenger)
	if err != nil || at.Host == "" {
		return fmt.Errorf("--messenger: %q is no address", *messenger)
	}
	p := &portal{messenger: at.Scheme + "://" + at.Host, issuer: *issuer, audience: *audience}
	if p.keyID, p.key, err = readKey(*private, *keys); err != nil || *makeKey {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", *listen)
	if err != nil {
		return err
	}
	fmt.Printf("portal-example listening on http://%s\n", l.Addr())
	s := &http.Server{Handler: p.handler(), ReadHeaderTimeout: 10 * time.Second}
	defer context.AfterFunc(ctx, func() { _ = s.Close() })()
	if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func (p *portal) handler() http.Handler {
	m := http.NewServeMux()
	m.HandleFunc("GET /{$}", p.show)
	m.HandleFunc("POST /visitor", p.visit)
	m.HandleFunc("POST /leave", p.leave)
	m.HandleFunc("GET /talk-ticket", p.hand)
	// A form of another site must not choose who is sitting here.
	return http.NewCrossOriginProtection().Handler(m)
}

// visitor is who is signed in at this portal. A real one has a session here.
func visitor(r *http.Request) string {
	c, err := r.Cookie(visitorCookie)
	if err != nil {
		return ""
	}
	who, err := url.QueryUnescape(c.Value)
	if err != nil {
		return ""
	}
	return who
}

func (p *portal) show(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	who := visitor(r)
	ticket := ""
	if who != "" {
		var err error
		if ticket, err = p.ticket(who); err != nil {
			http.Error(w, "no ticket", http.StatusInternalServerError)
			return
		}
	}
	_ = page.Execute(w, map[string]string{"Messenger": p.messenger, "Visitor": who, "Ticket": ticket}) // the reader may be gone
}

func (p *portal) visit(w http.ResponseWriter, r *http.Request) {
	who := strings.TrimSpace(r.PostFormValue("visitor"))
	http.SetCookie(w, &http.Cookie{Name: visitorCookie, Value: url.QueryEscape(who), Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func (p *portal) leave(w http.ResponseWriter, r *http.Request) {
	http.SetCookie(w, &http.Cookie{Name: visitorCookie, Path: "/", MaxAge: -1})
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// hand answers the messenger's script with a ticket for whoever is signed in at this portal, and for nobody else.
func (p *portal) hand(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	who := visitor(r)
	if who == "" {
		http.Error(w, "nobody is signed in", http.StatusUnauthorized)
		return
	}
	ticket, err := p.ticket(who)
	if err != nil {
		http.Error(w, "no ticket", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte(ticket)) // the reader may be gone
}

// ticket says that who is signed in here. This is all that a portal has to be able to do.
func (p *portal) ticket(who string) (string, error) {
	now := time.Now()
	t := jwt.NewWithClaims(jwt.SigningMethodES256, jwt.RegisteredClaims{
		Issuer: p.issuer, Audience: jwt.ClaimStrings{p.audience}, Subject: who,
		IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(ticketLife)),
		ID: rand.Text(), // never the same twice: a ticket serves once
	})
	t.Header["kid"] = p.keyID
	return t.SignedString(p.key)
}

// readKey reads the private key, or makes one, and lays the public one where the messenger looks for it.
func readKey(private, keys string) (string, crypto.Signer, error) {
	id := strings.TrimSuffix(filepath.Base(private), filepath.Ext(private))
	raw, err := os.ReadFile(private)
	if errors.Is(err, os.ErrNotExist) {
		raw, err = newKey(private)
	}
	if err != nil {
		return "", nil, err
	}
	block, _ := pem.Decode(raw)
	if block == nil {
		return "", nil, fmt.Errorf("%s: no PEM", private)
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return "", nil, fmt.Errorf("%s: %w", private, err)
	}
	signer, ok := key.(*ecdsa.PrivateKey)
	if !ok {
		return "", nil, fmt.Errorf("%s: this example signs with P-256 alone", private)
	}
	der, err := x509.MarshalPKIXPublicKey(signer.Public())
	if err != nil {
		return "", nil, err
	}
	if err := os.MkdirAll(keys, 0o755); err != nil { //nolint:gosec // public keys
		return "", nil, err
	}
	public := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	return id, signer, os.WriteFile(filepath.Join(keys, id+".pem"), public, 0o644) //nolint:gosec // a public key
}

func newKey(path string) ([]byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	raw := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	return raw, os.WriteFile(path, raw, 0o600)
}
