package api

import (
	"net/http"
	"strings"

	"sendjay/server/auth"
	"sendjay/shared/protocol"
)

func (a *API) login(w http.ResponseWriter, r *http.Request) (any, error) {
	var in protocol.Login
	if err := body(r, &in); err != nil {
		return nil, err
	}
	switch {
	case in.UserID == "":
		return nil, protocol.RefuseField(protocol.BadRequest, "userId")
	case in.Password == "":
		return nil, protocol.RefuseField(protocol.BadRequest, "password")
	case !in.Device.Known():
		return nil, protocol.RefuseField(protocol.BadRequest, "device")
	}
	out, refresh, err := a.Auth.Login(r.Context(), in, auth.From{Device: in.Device, Address: a.Address(r), Agent: agent(r)})
	if err != nil {
		return nil, err
	}
	if in.Device == protocol.Web {
		a.cookies(w, r, out, refresh)
	}
	return out, nil
}

// refreshToken finds a refresh token in the body, or else in the cookie (web).
func refreshToken(r *http.Request) (token, attempt string, web bool, err error) {
	var in protocol.Refresh
	raw, err := readAll(r.Body)
	if err != nil {
		return "", "", false, err
	}
	if len(strings.TrimSpace(string(raw))) > 0 {
		if err := unmarshal(raw, &in); err != nil {
			return "", "", false, err
		}
	}
	if in.RefreshToken != "" {
		return in.RefreshToken, in.Attempt, false, nil
	}
	// A program that shows a token of its own is not asked for its cookies.
	cookie, err := r.Cookie(refreshCookie)
	if _, own := bearer(r); err != nil || own {
		return "", "", false, protocol.Refuse(protocol.Unauthenticated)
	}
	return cookie.Value, in.Attempt, true, nil
}

func (a *API) refresh(w http.ResponseWriter, r *http.Request) (any, error) {
	token, attempt, web, err := refreshToken(r)
	if err != nil {
		return nil, err
	}
	out, next, err := a.Auth.Refresh(r.Context(), token, attempt)
	if err != nil {
		if web && protocol.CodeOf(err) == protocol.Unauthenticated {
			a.noCookies(w, r)
		}
		return nil, err
	}
	if out.RefreshToken == "" { // the web's, however it came
		a.cookies(w, r, out, next)
	}
	return out, nil
}

// logout ends the sign-in of the access token, or of the refresh token when the other has run out.
func (a *API) logout(w http.ResponseWriter, r *http.Request) (any, error) {
	who, _, err := a.Who(r)
	if err == nil {
		err = a.Auth.Leave(r.Context(), who, auth.From{Address: a.Address(r), Agent: agent(r)})
	} else if protocol.CodeOf(err) == protocol.Unauthenticated {
		var token string
		if token, _, _, err = refreshToken(r); err == nil {
			err = a.Auth.EndWith(r.Context(), token)
		}
	}
	if err != nil {
		return nil, err
	}
	a.noCookies(w, r)
	return a.signedOut(w, r), nil
}

func (a *API) password(_ http.ResponseWriter, r *http.Request) (any, error) {
	var in protocol.ChangePassword
	if err := body(r, &in); err != nil {
		return nil, err
	}
	return struct{}{}, a.Auth.ChangePassword(r.Context(), whoOf(r), in.Old, in.New, a.Address(r))
}

func (a *API) me(_ http.ResponseWriter, r *http.Request) (any, error) { return whoOf(r).User, nil }

// cookies hands a browser its tokens: scripts cannot read them, other sites cannot send them.
func (a *API) cookies(w http.ResponseWriter, r *http.Request, in protocol.SignedIn, refresh string) {
	set := func(name, value, path string, age int) {
		http.SetCookie(w, &http.Cookie{Name: name, Value: value, Path: path, MaxAge: age, HttpOnly: true, Secure: a.secure(r), SameSite: http.SameSiteStrictMode})
	}
	set(accessCookie, in.AccessToken, "/", in.ExpiresIn)
	set(refreshCookie, refresh, refreshPath, int(a.Auth.StaysIn().Seconds()))
}

func (a *API) noCookies(w http.ResponseWriter, r *http.Request) {
	for name, path := range map[string]string{accessCookie: "/", refreshCookie: refreshPath} {
		http.SetCookie(w, &http.Cookie{Name: name, Path: path, MaxAge: -1, HttpOnly: true, Secure: a.secure(r), SameSite: http.SameSiteStrictMode})
	}
}

// agent is the device's description of itself, for the list of devices.
func agent(r *http.Request) string {
	ua := strings.ToValidUTF8(r.UserAgent(), "")
	return ua[:min(len(ua), 200)]
}
