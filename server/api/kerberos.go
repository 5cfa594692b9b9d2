package api

import (
	"encoding/base64"
	"net/http"
	"strings"

	"sendjay/server/auth"
	"sendjay/shared/protocol"
)

const negotiate = "Negotiate"

// kerberos signs a device in with the ticket of its computer (RFC 4559). It is a POST of our own pages, since a stranger's
// page could otherwise sign people in without their asking. Only whoever shows no ticket is asked for one: a browser
// whose ticket was refused, and is asked again, asks the person for a password that is of no use here.
func (a *API) kerberos(w http.ResponseWriter, r *http.Request) (any, error) {
	if !a.Auth.HasKerberos() {
		return nil, protocol.Refuse(protocol.NotFound)
	}
	var in protocol.KerberosLogin
	if err := body(r, &in); err != nil {
		return nil, err
	}
	if !in.Device.Known() {
		return nil, protocol.RefuseField(protocol.BadRequest, "device")
	}
	scheme, said, _ := strings.Cut(strings.TrimSpace(r.Header.Get("Authorization")), " ")
	if !strings.EqualFold(scheme, negotiate) {
		w.Header().Set("WWW-Authenticate", negotiate)
		return nil, protocol.RefuseField(protocol.Unauthenticated, "kerberos")
	}
	token, _ := base64.StdEncoding.DecodeString(strings.TrimSpace(said)) // what is none is no ticket
	from := auth.From{Device: in.Device, Address: a.Address(r), Agent: agent(r)}
	user, err := a.Auth.KerberosTicket(r.Context(), token, from.Address)
	if err != nil {
		return nil, err
	}
	if in.Device == protocol.Web {
		a.endBefore(r)
	}
	out, refresh, err := a.Auth.KerberosSignIn(r.Context(), user, from)
	if err == nil && in.Device == protocol.Web {
		a.cookies(w, r, out, refresh)
	}
	return out, err
}
