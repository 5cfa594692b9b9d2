package link

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"

	"golang.org/x/net/proxy"
)

// headBytes bounds what a proxy answers before it lets us through.
const headBytes = 64 << 10

// reach connects to the host and port of u by the way that leads there.
func (d *detour) reach(ctx context.Context, u *url.URL) (net.Conn, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodConnect, u.String(), http.NoBody)
	if err != nil {
		return nil, err
	}
	way, err := d.way(r)
	switch {
	case err != nil:
		return nil, err
	case way == nil:
		return d.dial(ctx, "tcp", addressOf(u))
	case bySOCKS(way):
		return d.socks(ctx, d.wallet.fill(way), addressOf(u))
	}
	return d.tunnel(ctx, way, addressOf(u))
}

// bySOCKS reports whether a proxy speaks SOCKS and no HTTP.
func bySOCKS(way *url.URL) bool { return way.Scheme == "socks5" || way.Scheme == "socks5h" }

func (d *detour) socks(ctx context.Context, way *url.URL, to string) (net.Conn, error) {
	var who *proxy.Auth
	if way.User != nil {
		password, _ := way.User.Password()
		who = &proxy.Auth{User: way.User.Username(), Password: password}
	}
	through, err := proxy.SOCKS5("tcp", addressOf(way), who, dialing(d.dial))
	if err != nil {
		return nil, err
	}
	c, err := through.(proxy.ContextDialer).DialContext(ctx, "tcp", to)
	if err != nil {
		return nil, atProxy(err)
	}
	return c, nil
}

// dialing is a function as what dials.
type dialing func(ctx context.Context, network, address string) (net.Conn, error)

func (f dialing) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	return f(ctx, network, address)
}

func (f dialing) Dial(network, address string) (net.Conn, error) {
	return f(context.Background(), network, address)
}

// atProxy marks what went wrong at a proxy as http.Transport does.
func atProxy(err error) error { return &net.OpError{Op: "proxyconnect", Net: "tcp", Err: err} }

// tunnel connects to an address through a proxy that speaks HTTP.
func (d *detour) tunnel(ctx context.Context, way *url.URL, to string) (c net.Conn, err error) {
	err = d.introduce(ctx, way, func(p plea) (no *challenge, err error) {
		says := p.ticket
		switch {
		case p.user != nil:
			password, _ := p.user.Password()
			says = "Basic " + base64.StdEncoding.EncodeToString([]byte(p.user.Username()+":"+password))
		case p.anew:
			says = d.show(ctx, way)
		}
		c, no, err = d.connect(ctx, way, to, says)
		return no, err
	})
	return c, err
}

// connect asks a proxy once.
func (d *detour) connect(ctx context.Context, way *url.URL, to, says string) (net.Conn, *challenge, error) {
	ctx, cancel := context.WithTimeout(ctx, dialWithin)
	defer cancel()
	c, err := d.dial(ctx, "tcp", addressOf(way))
	if err != nil {
		return nil, nil, atProxy(err)
	}
	if way.Scheme == "https" {
		if c, err = d.encrypt(ctx, c, way.Hostname(), "http/1.1"); err != nil {
			return nil, nil, atProxy(err)
		}
	}
	r := &http.Request{Method: http.MethodConnect, URL: &url.URL{Opaque: to}, Host: to, Header: http.Header{}}
	if says != "" {
		r.Header.Set("Proxy-Authorization", says)
	}
	resp, err := inquire(ctx, c, r) //nolint:bodyclose // it lies on c, which is closed or handed over
	switch {
	case err != nil:
		_ = c.Close()
		return nil, nil, atProxy(err)
	case resp.StatusCode == http.StatusOK:
		return c, nil, nil
	}
	_ = c.Close()
	passageOf(ctx).refused(resp.StatusCode)
	err = errors.New("the proxy says: " + resp.Status)
	switch {
	case resp.StatusCode == http.StatusProxyAuthRequired:
		return nil, challengeOf(addressOf(way), resp), nil
	case resp.StatusCode < http.StatusInternalServerError:
		err = atProxy(err)
	} // else nobody answers behind it
	return nil, nil, err
}

// inquire sends a request whose answer has no body that matters. What stays behind of a time limit would wake the program up;
// so the connection has none.
func inquire(ctx context.Context, c net.Conn, r *http.Request) (*http.Response, error) {
	cut := context.AfterFunc(ctx, func() { _ = c.Close() })
	defer cut()
	if err := r.Write(c); err != nil {
		return nil, err
	}
	// Behind the answer nobody speaks before he is spoken to.
	resp, err := http.ReadResponse(bufio.NewReader(io.LimitReader(c, headBytes)), r)
	if err == nil && !cut() {
		err = ctx.Err()
	}
	return resp, err
}

// dialTLS connects for http.Transport: to a server by the way that leads there, or to a proxy that passes on requests.
func (d *detour) dialTLS(ctx context.Context, network, address string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	if viaOf(ctx) != nil {
		c, err := d.dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return d.encrypt(ctx, c, host, "http/1.1")
	}
	c, err := d.reach(ctx, &url.URL{Scheme: "https", Host: address})
	if err != nil {
		return nil, err
	}
	return d.encrypt(ctx, c, host, "h2", "http/1.1")
}

func (d *detour) encrypt(ctx context.Context, c net.Conn, host string, protocols ...string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, dialWithin)
	defer cancel()
	how := d.secure.Clone()
	how.ServerName, how.NextProtos = host, protocols
	safe := tls.Client(c, how)
	err := safe.HandshakeContext(ctx)
	passageOf(ctx).secured(host, safe.ConnectionState(), err)
	if err != nil {
		_ = c.Close()
		return nil, err
	}
	return safe, nil
}
