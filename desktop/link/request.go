package link

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"sendjay/shared/protocol"
)

// answerBytes bounds what is read of an answer that the program itself asked for.
const answerBytes = 4 << 20

// post sends JSON without a token and reads the answer. A refusal comes back as a *protocol.Refusal.
func (l *Link) post(ctx context.Context, server, path string, in, out any) error {
	return l.postAs(ctx, server, path, "", in, out)
}

// postAs is post with an Authorization, if it is not "".
func (l *Link) postAs(ctx context.Context, server, path, authorization string, in, out any) error {
	raw, err := json.Marshal(in)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, server+"/api/v1"+path, bytes.NewReader(raw))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", l.Agent)
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	resp, err := l.http.Do(r)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrDown, err)
	}
	defer func() { _ = resp.Body.Close() }()
	return answer(resp, out)
}

// Ways asks how one may sign in at the server.
func (l *Link) Ways(ctx context.Context) (protocol.Ways, error) {
	var out protocol.Ways
	server := l.Server()
	if server == "" {
		return out, protocol.Refuse(protocol.Unavailable)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, server+"/api/v1/auth/ways", http.NoBody)
	if err != nil {
		return out, err
	}
	r.Header.Set("User-Agent", l.Agent)
	resp, err := l.http.Do(r)
	if err != nil {
		return out, fmt.Errorf("%w: %w", ErrDown, err)
	}
	defer func() { _ = resp.Body.Close() }()
	return out, answer(resp, &out)
}

// notOurs is an answer that the server did not give: somebody on the way did, or it is not one of ours.
type notOurs struct{ status int }

func (e *notOurs) Error() string { return fmt.Sprintf("status %d", e.status) }

// answer reads a JSON answer, or the refusal in its place.
func answer(resp *http.Response, out any) error {
	raw, err := io.ReadAll(io.LimitReader(resp.Body, answerBytes))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrDown, err)
	}
	if resp.StatusCode == http.StatusOK {
		if err := json.Unmarshal(raw, out); err != nil {
			return fmt.Errorf("%w: an answer that is not ours: %w", ErrDown, err)
		}
		return nil
	}
	var no protocol.Refused
	if json.Unmarshal(raw, &no) != nil || no.Error.Code == "" {
		return fmt.Errorf("%w: %w", ErrDown, &notOurs{resp.StatusCode})
	}
	return &protocol.Refusal{Code: no.Error.Code, Field: no.Error.Field, RetryAfter: no.Error.RetryAfter}
}

// Get asks the server for path under /api/v1 and reads the answer into out: a *protocol.Refusal when it
// was refused, ErrDown when there was no answer.
func (l *Link) Get(ctx context.Context, path string, out any) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "/api/v1"+path, http.NoBody)
	if err != nil {
		return err
	}
	resp, err := l.Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	return answer(resp, out)
}

// Do sends a request for a path of the server as this device. A refused token is renewed once; a request
// with a body needs GetBody for that. Cookies and credentials of the request are not passed on.
func (l *Link) Do(r *http.Request) (*http.Response, error) {
	refused := ""
	for try := 0; ; try++ {
		token, err := l.access(r.Context(), refused)
		switch {
		case errors.Is(err, errSignedOut):
			return nil, protocol.Refuse(protocol.Unauthenticated)
		case err != nil:
			return nil, fmt.Errorf("%w: %w", ErrDown, err)
		}
		resp, err := l.send(r, token)
		if err != nil {
			return nil, err
		}
		again := r.Body == nil || r.Body == http.NoBody || r.GetBody != nil
		if resp.StatusCode != http.StatusUnauthorized || try > 0 || !again {
			return resp, nil
		}
		_ = resp.Body.Close()
		refused = token
		if r.GetBody != nil {
			if r.Body, err = r.GetBody(); err != nil {
				return nil, err
			}
		}
	}
}

// Fetch is Do for what needs no sign-in, such as the web UI.
func (l *Link) Fetch(r *http.Request) (*http.Response, error) { return l.send(r, "") }

func (l *Link) send(r *http.Request, token string) (*http.Response, error) {
	server := l.Server()
	if server == "" {
		return nil, fmt.Errorf("%w: no server is known", ErrDown)
	}
	out := r.Clone(r.Context())
	at, err := out.URL.Parse(server)
	if err != nil {
		return nil, err
	}
	out.URL.Scheme, out.URL.Host, out.Host, out.RequestURI = at.Scheme, at.Host, "", ""
	for _, name := range []string{"Cookie", "Origin", "Referer", "Authorization"} {
		out.Header.Del(name)
	}
	out.Header.Set("User-Agent", l.Agent)
	if token != "" {
		out.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := l.http.Do(out)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDown, err)
	}
	return resp, nil
}

// tryWithin is how long a person waits to hear whether an address is right.
const tryWithin = 8 * time.Second

// Try reports whether a server of ours answers at address.
func (l *Link) Try(ctx context.Context, address string) error {
	ctx, cancel := context.WithTimeout(ctx, tryWithin)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address+"/healthz", http.NoBody)
	if err != nil {
		return err
	}
	resp, err := l.http.Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return &notOurs{resp.StatusCode}
	}
	return nil
}
