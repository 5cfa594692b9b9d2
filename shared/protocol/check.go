package protocol

// LineSaid is what a test of the way to the server found at one place. A sentence stands for each.
type LineSaid string

// What can be found, in the order of the way.
const (
	SaidNoServer      LineSaid = "no_server"
	SaidDirect        LineSaid = "direct"
	SaidProxy         LineSaid = "proxy"
	SaidScriptDirect  LineSaid = "script_direct"
	SaidScriptProxy   LineSaid = "script_proxy"
	SaidNoWay         LineSaid = "no_way"
	SaidName          LineSaid = "name"
	SaidNoName        LineSaid = "no_name"
	SaidProxyOpen     LineSaid = "proxy_open"
	SaidProxyTicket   LineSaid = "proxy_ticket"
	SaidProxyName     LineSaid = "proxy_name"
	SaidWantsName     LineSaid = "wants_name"
	SaidWantsTicket   LineSaid = "wants_ticket"
	SaidWantsKind     LineSaid = "wants_kind"
	SaidProxyRefuses  LineSaid = "proxy_refuses"
	SaidProxySilent   LineSaid = "proxy_silent"
	SaidNoTLS         LineSaid = "no_tls"
	SaidTLS           LineSaid = "tls"
	SaidTLSRefused    LineSaid = "tls_refused"
	SaidTLSFailed     LineSaid = "tls_failed"
	SaidServer        LineSaid = "server"
	SaidServerStatus  LineSaid = "server_status"
	SaidServerRefused LineSaid = "server_refused"
	SaidServerSilent  LineSaid = "server_silent"
	SaidSocket        LineSaid = "socket"
	SaidSocketBlocked LineSaid = "socket_blocked"
	SaidSocketUntried LineSaid = "socket_untried"
	SaidClock         LineSaid = "clock"
	SaidClockAhead    LineSaid = "clock_ahead"
	SaidClockBehind   LineSaid = "clock_behind"
)

// LineMark says how good it is.
type LineMark string

// The marks.
const (
	MarkGood LineMark = "good"
	MarkBad  LineMark = "bad"
	// MarkNone: neither, or not tried.
	MarkNone LineMark = "none"
)

// LineStep is one place on the way to the server, with what fills its sentence. Nothing of it is secret.
type LineStep struct {
	Said LineSaid `json:"said"`
	Mark LineMark `json:"mark"`
	// Host is a name, or host:port of a proxy; Addresses are those of the name.
	Host      string   `json:"host,omitempty"`
	Addresses []string `json:"addresses,omitempty"`
	// Status is that of an answer, Offers the ways to sign in that a proxy named.
	Status int      `json:"status,omitempty"`
	Offers []string `json:"offers,omitempty"`
	// Issuer is who issued the certificate that came, as it calls itself, and Until how long it is valid.
	Issuer string   `json:"issuer,omitempty"`
	Until  *Instant `json:"until,omitempty"`
	// Certificate is what is wrong with it.
	Certificate *CertificateFault `json:"certificate,omitempty"`
	// Millis is how long an answer took, Seconds by how much the clock of this computer differs.
	Millis  int `json:"millis,omitempty"`
	Seconds int `json:"seconds,omitempty"`
}

// LineCheck is a test of the way to the server, as far as it led.
type LineCheck struct {
	Steps []LineStep `json:"steps"`
}
