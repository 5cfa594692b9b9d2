package link

import (
	"context"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
)

// via is the way of one request that a proxy itself passes on, nil for the one without a proxy.
type via struct{ *url.URL }

type viaKey struct{}

func viaOf(ctx context.Context) *via {
	v, _ := ctx.Value(viaKey{}).(*via)
	return v
}

// outward is how requests go out. Those in the clear are passed on by the proxy, which is told with a request who asks; all
// others go through a tunnel, where nothing of this is needed: their 407 is no proxy's.
type outward struct {
	*http.Transport
	around *detour
}

// RoundTrip implements http.RoundTripper.
func (o *outward) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Scheme != "http" {
		return o.Transport.RoundTrip(r)
	}
	way, err := o.around.way(r)
	switch {
	case err != nil:
		if r.Body != nil {
			_ = r.Body.Close()
		}
		return nil, err
	case way == nil || bySOCKS(way):
		return o.Transport.RoundTrip(r.WithContext(context.WithValue(r.Context(), viaKey{}, &via{o.around.wallet.fill(way)})))
	}
	var resp *http.Response
	sent := false
	err = o.around.introduce(r.Context(), way, func(p plea) (no *challenge, err error) {
		out, err := again(r, sent)
		if err != nil {
			return nil, err
		}
		sent = true
		resp, err = o.send(out, way, p) //nolint:bodyclose // returned, or closed below
		if err != nil || resp.StatusCode != http.StatusProxyAuthRequired {
			return nil, err
		}
		_, _ = io.CopyN(io.Discard, resp.Body, headBytes) // so that the connection serves again
		_ = resp.Body.Close()
		passageOf(r.Context()).refused(resp.StatusCode)
		no = challengeOf(addressOf(way), resp)
		if !repeats(r) {
			o.around.trust(no.proxy, no.byTicket()) // the next one goes with a ticket
			return nil, no
		}
		return no, nil
	})
	if err != nil {
		return nil, err
	}
	return resp, nil
}

// send sends a request to the proxy that passes it on.
func (o *outward) send(r *http.Request, way *url.URL, p plea) (*http.Response, error) {
	full := *way
	full.User = p.user
	ctx := context.WithValue(r.Context(), viaKey{}, &via{&full})
	if p.ticket != "" {
		r.Header.Set("Proxy-Authorization", p.ticket)
	}
	if p.anew {
		// A connection that was let through stays so. What cannot be sent twice is sent with a ticket anyway.
		ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(c httptrace.GotConnInfo) {
			r.Header.Del("Proxy-Authorization")
			if says := ""; !c.Reused || !repeats(r) {
				if says = o.around.show(ctx, way); says != "" {
					r.Header.Set("Proxy-Authorization", says)
				}
			}
		}})
	}
	return o.Transport.RoundTrip(r.WithContext(ctx))
}

// repeats reports whether a request can be sent a second time.
func repeats(r *http.Request) bool {
	return r.Body == nil || r.Body == http.NoBody || r.GetBody != nil
}

// again is a request to be sent, with its body from the start.
func again(r *http.Request, sent bool) (*http.Request, error) {
	out := r.Clone(r.Context())
	if sent && r.GetBody != nil {
		body, err := r.GetBody()
		if err != nil {
			return nil, err
		}
		out.Body = body
	}
	return out, nil
}
