// Package oidctest is a real OpenID provider for tests: the example server of github.com/zitadel/oidc, certified code,
// on a loopback port with people of our own.
// It knows who may sign in there; it does not know the messenger.
package oidctest

import (
	"context"
	"log/slog"
	"net/http"
	"strings"

	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"
	"github.com/zitadel/oidc/v3/pkg/op"
	"golang.org/x/text/language"
)

// The messenger's secret there, and everybody's password.
const (
	Secret   = "a secret between the two"
	Password = "blue mountain 5"
)

// Person is somebody the provider knows.
type Person struct {
	ID, Username, Name, Mail string
	Verified                 bool
}

type people map[string]*storage.User

func (p people) GetUserByID(id string) *storage.User { return p[id] }

func (p people) GetUserByUsername(name string) *storage.User {
	for _, u := range p {
		if u.Username == name {
			return u
		}
	}
	return nil
}

func (people) ExampleClientID() string { return storage.ServiceUserID }

// keeper lets our client be sent back home after signing out, which the example's own clients are not.
type keeper struct {
	*storage.Storage
	homes []string
}

type client struct {
	op.Client
	homes []string
}

func (c client) PostLogoutRedirectURIs() []string {
	var out []string
	for _, home := range c.homes {
		out = append(out, home+"/")
	}
	return out
}

func (k keeper) GetClientByClientID(ctx context.Context, id string) (op.Client, error) {
	c, err := k.Storage.GetClientByClientID(ctx, id)
	if err != nil {
		return nil, err
	}
	return client{c, k.homes}, nil
}

// ClientOf is the messenger's client id at a provider that sends people back to home.
func ClientOf(home string) string { return "talk at " + strings.TrimPrefix(home, "http://") }

// Handler is the provider at the address issuer, which sends people back to the callbacks of homes alone.
func Handler(issuer string, homes []string, known ...Person) http.Handler {
	p := people{}
	for _, k := range known {
		p[k.ID] = &storage.User{
			ID: k.ID, Username: k.Username, Password: Password, FirstName: k.Name, LastName: "Lee", Email: k.Mail, EmailVerified: k.Verified,
			PreferredLanguage: language.Korean,
		}
	}
	for _, home := range homes {
		storage.RegisterClients(storage.WebClient(ClientOf(home), Secret, home+"/api/v1/auth/oidc/callback"))
	}
	return exampleop.SetupServer(issuer, keeper{storage.NewStorage(p), homes}, nil, false, op.WithLogger(slog.New(slog.DiscardHandler)))
}
